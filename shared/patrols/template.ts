// Splits a text into what stands as it is and the expressions in `${…}`; it knows nothing of what they mean.

export type TemplatePart = { kind: 'text'; text: string } | { kind: 'expression'; source: string };

export type ParsedTemplate = { ok: true; parts: TemplatePart[] } | { ok: false; problem: string };

/** `$${` stands for `${`. Quotes and braces inside an expression are respected. Neighbouring texts are one part. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: TemplatePart[] = [];
  let literal = '';
  let index = 0;
  while (index < text.length) {
    const next = text.indexOf('${', index);
    if (next === -1) break;
    if (next > index && text[next - 1] === '$') {
      literal += text.slice(index, next - 1) + '${';
      index = next + 2;
      continue;
    }
    const end = expressionEnd(text, next + 2);
    if (end === undefined)
      return { ok: false, problem: `\${${text.slice(next + 2, next + 42)} is not closed: a quote or } is missing` };
    literal += text.slice(index, next);
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
    parts.push({ kind: 'expression', source: text.slice(next + 2, end).trim() });
    index = end + 1;
  }
  literal += text.slice(index);
  if (literal !== '' || parts.length === 0) parts.push({ kind: 'text', text: literal });
  return { ok: true, parts };
}

/** Where the `}` is that closes an expression which begins at `start`. */
function expressionEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === "'" || character === '"' || character === '`') {
      const close = quoteEnd(text, index);
      if (close === undefined) return undefined;
      index = close;
    } else if (character === '{') depth++;
    else if (character === '}' && depth-- === 0) return index;
  }
  return undefined;
}

function quoteEnd(text: string, open: number): number | undefined {
  for (let index = open + 1; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === text[open]) return index;
  }
  return undefined;
}
