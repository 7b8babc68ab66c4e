// Images inside a result: only raster formats that a browser knows, told by their first bytes and not by their label.

/** Characters of base64; about 9 MB of image. */
const maxBase64 = 12_000_000;

/** First bytes in base64, cut to whole characters. */
const signatures: readonly { mimeType: string; start: RegExp }[] = [
  { mimeType: 'image/png', start: /^iVBORw0KGgo/ },
  { mimeType: 'image/jpeg', start: /^\/9j\// },
  { mimeType: 'image/gif', start: /^R0lGOD(?:dh|lh)/ },
  { mimeType: 'image/webp', start: /^UklGR[A-Za-z0-9+/]{7}RUJQ/ },
];

/** A `data:` address for an image element; undefined when the content is no image of a known kind, or too large. */
export function imageDataUrl(base64: string | undefined, mimeType: string | undefined): string | undefined {
  if (base64 === undefined || base64.length > maxBase64 || !/^image\//i.test(mimeType ?? '')) return undefined;
  const known = signatures.find(({ start }) => start.test(base64.slice(0, 32)));
  if (known === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  return `data:${known.mimeType};base64,${base64}`;
}
