// Cuts a long text into pieces that can be laid out one by one, between lines where there are any.

const usualLength = 4_000;
const maxLength = 8_000;

/** The pieces are to be shown below each other: a line break between two of them is left out. */
export function textChunks(text: string): string[] {
  const chunks: string[] = [];
  let start = 0;
  while (text.length - start > maxLength) {
    const line = text.indexOf('\n', start + usualLength);
    if (line !== -1 && line - start <= maxLength) {
      chunks.push(text.slice(start, line));
      start = line + 1;
    } else {
      // Not between the two halves of one character.
      const code = text.charCodeAt(start + maxLength - 1);
      const end = start + maxLength - (code >= 0xd800 && code <= 0xdbff ? 1 : 0);
      chunks.push(text.slice(start, end));
      start = end;
    }
  }
  chunks.push(text.slice(start));
  return chunks;
}
