// A file that came inside a result, as it can be written to disk: a name that is only a name, and its bytes, bounded.

/** Bytes; an answer as a whole is not larger. */
export const largestFile = 48 * 1024 * 1024;

const maxName = 120;

const endings: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
  'application/pdf': 'pdf',
  'application/json': 'json',
  'application/zip': 'zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'message/rfc822': 'eml',
  'text/plain': 'txt',
  'text/html': 'html',
  'text/csv': 'csv',
  'text/markdown': 'md',
};

/** What the file is suggested to be called, without any folder and without what file systems do not take. */
export function fileNameOf({ name, mimeType }: { name: string; mimeType: string | undefined }): string {
  const last = name.split(/[\\/]/).findLast((part) => part.trim() !== '') ?? '';
  const plain = last
    .split(/[?#]/)[0]
    ?.toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '')
    .slice(-maxName);
  const base = plain === undefined || plain === '' ? 'file' : plain;
  const safe = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(base) ? `_${base}` : base;
  const ending = endings[(mimeType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''];
  return ending === undefined || /\.[a-z0-9]{1,8}$/i.test(safe) ? safe : `${safe}.${ending}`;
}

/** Undefined for what is no base64 or more than `largestFile`. */
export function fileBytes(base64: string): Uint8Array | undefined {
  if (base64.length > largestFile * 1.4) return undefined;
  const text = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return bytes.length > largestFile ? undefined : bytes;
  } catch {
    return undefined;
  }
}
