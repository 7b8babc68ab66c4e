// Puts other texts in the place of parts of a text, in one pass however many they are.

export interface Splice {
  /** Offsets in the text; equal ones insert. */
  from: number;
  to: number;
  by: string;
}

/** In any order; they do not overlap. */
export function splicedText(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, by } of splices.toSorted((one, other) => one.from - other.from || one.to - other.to)) {
    parts.push(text.slice(at, from), by);
    at = to;
  }
  return [...parts, text.slice(at)].join('');
}
