// Reads a regular expression that compiles in Unicode mode (ECMAScript 2025, 22.2.1) into its parts. It judges nothing.
import {
  characterRange,
  characterSet,
  lineCharacters,
  namedSets,
  noCharacter,
  opposite,
  type CharacterSet,
} from './character-set.ts';

export type PatternNode =
  | { kind: 'characters'; set: CharacterSet }
  /** Takes no character: `^`, `$`, `\b`. */
  | { kind: 'assertion'; at: 'start' | 'end' | 'word' }
  | { kind: 'ahead'; body: PatternNode }
  | { kind: 'sequence'; parts: readonly PatternNode[] }
  | { kind: 'choice'; branches: readonly PatternNode[] }
  | { kind: 'repeat'; body: PatternNode; min: number; max: number };

interface Reader {
  readonly source: string;
  at: number;
}

class UnreadableError extends Error {}

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, b: 8, '0': 0 };

/** Undefined for what has parts whose time nobody here can tell: back references, looks behind, modifiers. */
export function parsePattern(source: string): PatternNode | undefined {
  try {
    return readChoice({ source, at: 0 });
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

function readChoice(reader: Reader): PatternNode {
  const branches = [readSequence(reader)];
  while (take(reader, '|')) branches.push(readSequence(reader));
  return branches.length === 1 ? (branches[0] as PatternNode) : { kind: 'choice', branches };
}

function readSequence(reader: Reader): PatternNode {
  const parts: PatternNode[] = [];
  while (reader.at < reader.source.length && !/[|)]/.test(peek(reader))) parts.push(readRepeat(reader));
  return { kind: 'sequence', parts };
}

function readRepeat(reader: Reader): PatternNode {
  const body = readAtom(reader);
  const counts = match(reader, /[*+?]|\{(\d+)(,?)(\d*)\}/y);
  if (counts === undefined) return body;
  take(reader, '?');
  const [sign, from = '', comma, to = ''] = counts;
  if (sign === '*') return { kind: 'repeat', body, min: 0, max: Infinity };
  if (sign === '+') return { kind: 'repeat', body, min: 1, max: Infinity };
  if (sign === '?') return { kind: 'repeat', body, min: 0, max: 1 };
  const min = Number(from);
  return { kind: 'repeat', body, min, max: comma === '' ? min : to === '' ? Infinity : Number(to) };
}

function readAtom(reader: Reader): PatternNode {
  if (take(reader, '^')) return { kind: 'assertion', at: 'start' };
  if (take(reader, '$')) return { kind: 'assertion', at: 'end' };
  if (take(reader, '\\b') || take(reader, '\\B')) return { kind: 'assertion', at: 'word' };
  if (take(reader, '.')) return { kind: 'characters', set: lineCharacters };
  if (take(reader, '[')) return { kind: 'characters', set: readClass(reader) };
  if (take(reader, '(')) return readGroup(reader);
  return { kind: 'characters', set: readMember(reader).set };
}

function readGroup(reader: Reader): PatternNode {
  const opening = match(reader, /\?(?:[:=!]|<(?![=!])[^>]*>)/y)?.[0];
  if (opening === undefined && peek(reader) === '?') throw new UnreadableError();
  const body = readChoice(reader);
  if (!take(reader, ')')) throw new UnreadableError();
  return opening === '?=' || opening === '?!' ? { kind: 'ahead', body } : body;
}

function readClass(reader: Reader): CharacterSet {
  const isNegated = take(reader, '^');
  let set = noCharacter;
  while (!take(reader, ']')) {
    const first = readMember(reader);
    const isRange = first.code !== undefined && /^-[^\]]/.test(reader.source.slice(reader.at, reader.at + 2));
    if (!isRange) {
      set |= first.set;
      continue;
    }
    take(reader, '-');
    set |= characterRange(first.code ?? 0, readMember(reader).code ?? Infinity);
  }
  return isNegated ? opposite(set) : set;
}

/** One character, or an escape that names several; only one character has a code. */
function readMember(reader: Reader): { set: CharacterSet; code?: number } {
  if (!take(reader, '\\')) return codeOf(readCharacter(reader));
  const hexadecimal = match(reader, /x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]+)\}/iy);
  if (hexadecimal !== undefined) {
    const code = Number.parseInt(hexadecimal.slice(1).join(''), 16);
    return { set: characterSet(code), code };
  }
  const controlled = match(reader, /c([a-z])/iy)?.[1];
  if (controlled !== undefined) return codeOf(String.fromCharCode(controlled.charCodeAt(0) % 32));
  const letter = readCharacter(reader);
  if (/[1-9k]/.test(letter)) throw new UnreadableError();
  if (letter === 'p' || letter === 'P') match(reader, /\{[^}]*\}/y);
  const set = namedSets[letter];
  if (set !== undefined) return { set };
  const code = controls[letter];
  return code === undefined ? codeOf(letter) : { set: characterSet(code), code };
}

function codeOf(character: string): { set: CharacterSet; code: number } {
  const code = character.codePointAt(0) ?? 0;
  return { set: characterSet(code), code };
}

function readCharacter(reader: Reader): string {
  const code = reader.source.codePointAt(reader.at);
  if (code === undefined) throw new UnreadableError();
  const character = String.fromCodePoint(code);
  reader.at += character.length;
  return character;
}

function peek({ source, at }: Reader): string {
  return source.charAt(at);
}

function take(reader: Reader, text: string): boolean {
  if (!reader.source.startsWith(text, reader.at)) return false;
  reader.at += text.length;
  return true;
}

/** What a sticky expression finds here. */
function match(reader: Reader, expression: RegExp): RegExpExecArray | undefined {
  expression.lastIndex = reader.at;
  const found = expression.exec(reader.source) ?? undefined;
  reader.at += found?.[0].length ?? 0;
  return found;
}
