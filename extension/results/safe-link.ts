// Which addresses of a tool's result may be opened.

const schemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);
const maxLength = 8_000;

// What the parser of addresses would strip in silence is no part of an honest one.
// eslint-disable-next-line no-control-regex
const unseen = /[\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/**
 * The address to open, with its host in ASCII so that look-alike letters show; undefined for anything but an absolute http,
 * https or mailto address, and for one with a user name, which misleads about the host.
 */
export function safeLink(text: string | null | undefined): string | undefined {
  if (!text || text.length > maxLength || unseen.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!schemes.has(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  return url.href;
}
