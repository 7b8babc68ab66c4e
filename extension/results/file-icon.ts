// Which of VS Code's icons stands for a file, by its name or type.

const byEnding: Readonly<Record<string, string>> = {
  pdf: 'file-pdf',
  zip: 'file-zip',
  gz: 'file-zip',
  '7z': 'file-zip',
  png: 'file-media',
  jpg: 'file-media',
  jpeg: 'file-media',
  gif: 'file-media',
  svg: 'file-media',
  webp: 'file-media',
  mp3: 'unmute',
  wav: 'unmute',
  mp4: 'device-camera-video',
  mov: 'device-camera-video',
  xlsx: 'table',
  xls: 'table',
  csv: 'table',
  pptx: 'preview',
  ppt: 'preview',
  docx: 'file-text',
  doc: 'file-text',
  txt: 'file-text',
  md: 'markdown',
  one: 'notebook',
  loop: 'notebook',
  json: 'json',
  xml: 'file-code',
  html: 'file-code',
  js: 'file-code',
  ts: 'file-code',
  py: 'file-code',
  eml: 'mail',
  msg: 'mail',
  url: 'link',
};

export function fileIcon(name: string, mimeType?: string | null): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  if (Object.hasOwn(byEnding, ending)) return byEnding[ending] ?? 'file';
  if (/^(?:image|video)\//.test(mimeType ?? '')) return 'file-media';
  if (mimeType?.startsWith('audio/')) return 'unmute';
  return 'file';
}
