// Decides whether a regular expression of a stranger may run on what a person types: it must end quickly on any text.

const maxLength = 500;
/** Each further unbounded repetition can add a power to the time on a hostile text. */
const maxUnbounded = 4;

/** False for what does not compile, and for repetitions within repetitions, which can take exponential time. */
export function isSafePattern(pattern: string): boolean {
  if (pattern.length > maxLength) return false;
  try {
    return hasFlatRepetition(new RegExp(pattern, 'u').source);
  } catch {
    return false;
  }
}

/** Scans a pattern that compiles. A back reference, or a repeated group that repeats or chooses inside, is not flat. */
function hasFlatRepetition(pattern: string): boolean {
  const groups: { varies: boolean }[] = [{ varies: false }];
  let unbounded = 0;
  for (let index = 0; index < pattern.length; index++) {
    const inside = groups.at(-1);
    if (inside === undefined) return false;
    const character = pattern[index];
    if (character === '\\') {
      if (/[1-9k]/.test(pattern[index + 1] ?? '')) return false;
      index++;
    } else if (character === '[') {
      index = endOfClass(pattern, index);
    } else if (character === '(') {
      groups.push({ varies: false });
      if (pattern[index + 1] === '?') index++;
    } else if (character === '|' || character === '?') {
      inside.varies = true;
    } else if (character === ')') {
      groups.pop();
      const outside = groups.at(-1);
      if (outside === undefined) return false;
      if (inside.varies && /^(?:[*+]|\{\d)/.test(pattern.slice(index + 1))) return false;
      outside.varies ||= inside.varies;
    } else if (character === '*' || character === '+' || /^\{\d+,\d*\}/.test(pattern.slice(index, index + 16))) {
      inside.varies = true;
      if (++unbounded > maxUnbounded) return false;
    }
  }
  return true;
}

function endOfClass(pattern: string, start: number): number {
  for (let index = start + 1; index < pattern.length; index++) {
    if (pattern[index] === '\\') index++;
    else if (pattern[index] === ']') return index;
  }
  return pattern.length;
}
