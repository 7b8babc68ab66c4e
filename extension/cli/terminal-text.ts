// Lays text out on a terminal's grid: width in cells, cutting, wrapping, columns. It expects clean text and no colours.

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;

/** Above this many code units, a family emoji may count for its members. */
const longText = 1_000;

export function widthOf(text: string): number {
  // Most text is ASCII; segmenting is slow, and on Node 20 quadratic.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  if (text.length > longText) {
    for (const character of text) width += cellsOf(character);
    return width;
  }
  for (const { segment } of segmenter.segment(text)) width += cellsOf(segment);
  return width;
}

function cellsOf(grapheme: string): number {
  if (wide.test(grapheme)) return 2;
  return /^[\p{Mn}\p{Me}\u200b-\u200d\ufeff]+$/u.test(grapheme) ? 0 : 1;
}

/** At most `width` cells, with "…" where something was cut off. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let result = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text.slice(0, 16 * width))) {
    const cells = cellsOf(segment);
    if (used + cells > width - 1) break;
    result += segment;
    used += cells;
  }
  return `${result.trimEnd()}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Wraps at white space; words longer than a line, such as addresses, stay whole so that they can be copied. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    if (widthOf(paragraph) <= width) return [paragraph.trimEnd()];
    const indent = /^\s*(?:[-*•] )?/.exec(paragraph)?.[0].length ?? 0;
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
        lines.push(line);
        line = ' '.repeat(indent) + word;
      } else if (line === '') line = (lines.length === 0 ? (/^\s*/.exec(paragraph)?.[0] ?? '') : '') + word;
      else line += ` ${word}`;
    }
    return line === '' ? lines : [...lines, line];
  });
}

/** The width that fits the widest of `texts`, at most `max`. */
export function columnWidth(texts: readonly string[], max: number): number {
  return Math.min(
    max,
    texts.reduce((widest, text) => Math.max(widest, widthOf(text)), 0),
  );
}
