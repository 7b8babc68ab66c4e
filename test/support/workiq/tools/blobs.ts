// Binary content for fetch_blob: drive files, mail attachments, portraits. Knows no policy and no framing.
import type { Person } from '../tenant/people.ts';
import type { Tenant } from '../tenant/tenant.ts';

export type Blob = { name: string; contentType: string; bytes: Buffer };

type Source = { tenant: Tenant; me: Person };

/** Undefined when nothing is there. `format: 'pdf'` turns text into a small PDF. */
export function findBlob(source: Source, path: string, format?: string): Blob | undefined {
  const segments = path.split('?')[0]?.split('/').filter(Boolean).map(decodeURIComponent) ?? [];
  const blob = fromDrive(source, segments) ?? fromMail(source, segments) ?? portrait(source, segments);
  if (!blob || format?.toLowerCase() !== 'pdf') return blob;
  const text = blob.contentType.startsWith('text/')
    ? blob.bytes.toString()
    : `${blob.name} (${blob.bytes.length} bytes)`;
  return { name: blob.name.replace(/\.\w+$/, '.pdf'), contentType: 'application/pdf', bytes: pdf(text) };
}

function fromDrive({ tenant, me }: Source, segments: string[]): Blob | undefined {
  if (segments.at(-1) !== 'content') return undefined;
  const drive = tenant.drives.get(me.id);
  if (!drive) return undefined;
  const isMine =
    (segments[0] === 'me' && segments[1] === 'drive') || (segments[0] === 'drives' && segments[1] === drive.id);
  if (!isMine) return undefined;
  const byPath = /\/root:\/(.+):\/content$/.exec(`/${segments.join('/')}`)?.[1];
  const item = byPath ? drive.byPath(byPath) : drive.item(segments.at(-2) ?? '');
  const bytes = item && drive.content(item);
  if (!item || !bytes) return undefined;
  return { name: item.name, contentType: item.file?.mimeType ?? 'application/octet-stream', bytes };
}

/** /me/messages/{id}/attachments/{id}/$value */
function fromMail({ tenant, me }: Source, segments: string[]): Blob | undefined {
  const [root, messages, messageId = '', attachments, attachmentId, value] = segments;
  if (root !== 'me' || messages !== 'messages' || attachments !== 'attachments' || value !== '$value') return undefined;
  const file = tenant.mailboxes
    .get(me.id)
    ?.attachments(messageId)
    .find((candidate) => candidate.id === attachmentId);
  return file && { name: file.name, contentType: file.contentType, bytes: Buffer.from(file.contentBytes, 'base64') };
}

function portrait({ tenant, me }: Source, segments: string[]): Blob | undefined {
  const isPhoto = segments.at(-2) === 'photo' && segments.at(-1) === '$value';
  const person = segments[0] === 'me' ? me : tenant.directory.find(segments[1] ?? '');
  if (!isPhoto || !person) return undefined;
  const initials = `${person.givenName[0]}${person.surname[0]}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" fill="#5b5fc7"/><text x="24" y="31" font-size="20" fill="#fff" text-anchor="middle">${initials}</text></svg>`;
  return { name: 'photo.svg', contentType: 'image/svg+xml', bytes: Buffer.from(svg) };
}

/** One page of plain text. */
function pdf(text: string): Buffer {
  const lines = text
    .split('\n')
    .slice(0, 50)
    .map((line) => `(${line.replace(/[\\()]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}) '`);
  const stream = `BT /F1 11 Tf 14 TL 50 780 Td\n${lines.join('\n')}\nET`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj${object}endobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}
