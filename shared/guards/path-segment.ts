// What one segment of a resource path can mean to a server that follows OData; it knows no whole paths.
import { folded, hasDoubtfulEdge, segmentText } from './segment-text.ts';
import { UnclearPath } from './unclear-path.ts';

export interface SegmentReadings {
  /** Ways to read it, each as the plain segments it stands for; whatever is allowed must be allowed in all of them. */
  likely: readonly (readonly string[])[];
  /** These and unlikely ways, which count only when something is denied. */
  every: readonly (readonly string[])[];
}

export interface SegmentPlace {
  /** Behind a segment that ends with ":", as in `/me/drive/root:/Reports/a (1).docx:/content`: files have any names. */
  isFileName: boolean;
  isLast: boolean;
  /** No segment follows but those with "$": what it names may be an action, in whatever namespace. */
  mayBeAction: boolean;
}

/** The others say in a query or a body what they are about, or escape the meaning of what follows. */
const systemSegments: ReadonlySet<string> = new Set(['$batch', '$count', '$metadata', '$ref', '$value']);
/** `graph` is the short name of the same namespace. */
const qualified = /^(?:microsoft\.graph\.(?:.*\.)?|graph\.)([^.]+)$/s;
/** Older services qualify their actions like this. */
const otherQualified = /^microsoft\.(?:.*\.)?([^.]+)$/s;
/** Actions and functions of any namespace; other things have dots in their names, too. */
const anyQualified = /^(?:[a-z_]\w*\.)+([a-z_]\w*)$/;

/** The readings of a decoded segment that is neither empty nor "." nor "..". Throws UnclearPath. */
export function readSegment(text: string, place: SegmentPlace): SegmentReadings {
  const plain = segmentText(text);
  if (!place.isFileName) {
    const read = readName(plain, place);
    // `sendMail:` may be read as `sendMail` with an empty address behind it.
    const bare = plain.replace(/:+$/, '');
    if (!place.mayBeAction || bare === plain || bare === '' || hasDoubtfulEdge(bare)) return read;
    return { likely: read.likely, every: [...read.every, ...readName(bare, place).every] };
  }
  try {
    return { likely: [[plain]], every: [[plain], ...readName(plain, place).every] };
  } catch {
    return { likely: [[plain]], every: [[plain]] };
  }
}

function readName(plain: string, place: SegmentPlace): SegmentReadings {
  if (plain.startsWith('$') && !systemSegments.has(plain))
    throw new UnclearPath('a part of it that begins with "$" is not understood');
  const open = plain.indexOf('(');
  if (open < 0 && !plain.includes(')')) return readPlainName(plain, place);
  const name = plain.slice(0, Math.max(open, 0));
  if (plain.endsWith(')') && !name.includes(' ')) {
    const parameters = readArguments(plain.slice(open + 1, -1));
    if (name === '' || name.includes(')') || hasDoubtfulEdge(name) || parameters === undefined)
      throw new UnclearPath('its parentheses are not understood');
    return combined(readPlainName(name, place), parameters);
  }
  if (!isBalanced(plain)) throw new UnclearPath('its parentheses do not match');
  // The name of a file, such as "report (1).docx".
  const before = folded(name.trim());
  return { likely: [[plain]], every: before === '' ? [[plain]] : [[plain], [before]] };
}

/** `microsoft.graph.sendMail` is `sendMail`; before other segments it may also be a type that only narrows what is meant. */
function readPlainName(name: string, { isFileName, isLast, mayBeAction }: SegmentPlace): SegmentReadings {
  const [, last] = qualified.exec(name) ?? [];
  if (last !== undefined && (last.startsWith('$') || hasDoubtfulEdge(last)))
    throw new UnclearPath('its qualified name is not understood');
  if (last !== undefined) return { likely: isLast ? [[last]] : [[last], []], every: [[last], [], [name]] };
  const [, part] = otherQualified.exec(name) ?? [];
  if (part !== undefined) return { likely: [[name]], every: [[name], [part], []] };
  const [, action] = (mayBeAction && !isFileName ? anyQualified.exec(name) : null) ?? [];
  return { likely: [[name]], every: action === undefined ? [[name]] : [[name], [action]] };
}

/** What stands in parentheses: nothing, parameters of a function, or a key. Undefined when it is none of them. */
function readArguments(text: string): SegmentReadings | undefined {
  if (text === '') return same([[]]);
  const values = splitArguments(text);
  if (values === undefined) return undefined;
  const [, value = ''] = /^[\w.@]+\s*=(.*)$/s.exec(text) ?? [];
  // `messages(id='x')` is a key, `delta(token='x')` a parameter; nobody can tell them apart without the schema.
  if (value !== '') return same([[], [values === 1 ? unquoted(value) : text]]);
  const key = unquoted(text);
  if (key === '' || hasDoubtfulEdge(key) || /^\$|[()'":]/.test(key) || qualified.test(key)) return undefined;
  return { likely: [[key]], every: [[key], []] };
}

/** How many values there are; undefined when quotes or parentheses do not match. */
function splitArguments(text: string): number | undefined {
  let count = 1;
  let isQuoted = false;
  for (const character of text) {
    if (character === "'") isQuoted = !isQuoted;
    else if (!isQuoted && (character === '(' || character === ')')) return undefined;
    else if (!isQuoted && character === ',') count++;
  }
  return isQuoted ? undefined : count;
}

function unquoted(text: string): string {
  const isQuoted = text.length > 1 && text.startsWith("'") && text.endsWith("'");
  return isQuoted ? text.slice(1, -1).replaceAll("''", "'") : text;
}

function combined(name: SegmentReadings, parameters: SegmentReadings): SegmentReadings {
  return { likely: pairs(name.likely, parameters.likely), every: pairs(name.every, parameters.every) };
}

function pairs(lefts: SegmentReadings['likely'], rights: SegmentReadings['likely']): string[][] {
  return lefts.flatMap((left) => rights.map((right) => [...left, ...right]));
}

function same(readings: SegmentReadings['likely']): SegmentReadings {
  return { likely: readings, every: readings };
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
