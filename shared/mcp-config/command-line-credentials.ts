// Finds credentials in a command line or in the arguments of a command: behind flags, in assignments, headers and addresses.
import {
  holdsLiteral,
  isCredentialHeader,
  isCredentialName,
  isHarmlessValue,
  isIdName,
  isOpaque,
} from './credential-forms.ts';
import { findForms, findInValue, literalOf, type TextFinding } from './credential-text.ts';
import { findInUrl } from './url-credentials.ts';

export interface ArgumentFinding extends TextFinding {
  /** Of the flag, variable or header that it belongs to. */
  name: string;
  /** The name is one of a variable, as in `-e GITHUB_TOKEN=…`. */
  isVariable: boolean;
}

/** Offsets in the argument at `index`. */
export function* findInArguments(args: readonly unknown[]): Generator<ArgumentFinding & { index: number }> {
  for (const [index, value] of args.entries()) {
    if (typeof value !== 'string') continue;
    const before = args[index - 1];
    const inWord = findInWord(value, typeof before === 'string' ? before : '');
    // `sh -c "curl -u me:… https://…"`, but neither `{"a": "b"}` nor `KEY=[your key]`
    const isLine =
      /\s/.test(value.trim()) &&
      !/^\s*\{/.test(value) &&
      (inWord.length === 0 || inWord.some(({ isPlaceholder }) => !isPlaceholder));
    const inLine = isLine ? [...findInLine(value)] : [];
    const found = inLine.length > 0 ? inLine : inWord;
    for (const one of found) yield { ...one, index };
  }
}

/** A command line; quotes are taken as a shell does, as far as it matters here. */
export function* findInLine(line: string): Generator<ArgumentFinding> {
  let before = '';
  for (const { 0: raw, index } of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    const word = raw.replace(/["']/g, '');
    // `"…"`, `NAME="…"`: before the quote the offsets are those of the word, behind it they are one more.
    const quote = /^[^"']*(?=(["'])[^"']*\1$)/.exec(raw)?.[0].length ?? -1;
    const offset = (at: number): number => index + at + (quote >= 0 && at >= quote ? 1 : 0);
    for (const found of findInWord(word, before)) {
      const isKnown = word === raw || quote >= 0;
      const [start, end] = isKnown ? [offset(found.start), offset(found.end)] : [index, index + raw.length];
      yield { ...found, start, end };
    }
    before = word;
  }
}

const flag = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s;
const assignment = /^([A-Za-z_]\w*)=(.*)$/s;
const loginFlag = /^(?:-u|--user|--proxy-user)$/;
const headerFlag = /^(?:-H|--header)$/;
const joinedFlag = /^(-H|-u|--header|--user|--proxy-user)(?:=|(?<=^-[Hu]))(.+)$/s;

/** One word of a command line and the one before it. */
function findInWord(word: string, before: string): ArgumentFinding[] {
  if (/^https?:\/\//i.test(word)) {
    const inUrl = [...findInUrl(word)].map((found) => ({ ...found, isVariable: false }));
    if (inUrl.length > 0) return inUrl;
  }
  if (/^\s*\{/.test(word)) {
    const embedded = findInValue('', word, () => false);
    return shifted(embedded, 0, { name: 'key', isVariable: false });
  }
  // `--env=NAME=…`
  const inner = /^(--?e(?:nv)?=)(?=[A-Za-z_]\w*=)/.exec(word)?.[0] ?? '';
  if (inner !== '') return shiftedAll(findInWord(word.slice(inner.length), before), inner.length);
  const own = flag.exec(word) ?? assignment.exec(word);
  if (own?.[2] !== undefined && !headerFlag.test(`--${own[1]}`) && !loginFlag.test(`--${own[1]}`)) {
    const name = own[1] ?? '';
    const found = findInValue(name, own[2], isCredentialName);
    return shifted(found, word.length - own[2].length, { name, isVariable: !word.startsWith('-') });
  }
  // `--header=X-Api-Key: …`, `-Hx-api-key: …`, `-ume:…`
  const [, joined = '', value] = joinedFlag.exec(word) ?? [];
  if (value !== undefined) {
    const found = findAfter(joined, value);
    if (found.length > 0) return shiftedAll(found, word.length - value.length);
  }
  const after = findAfter(before, word);
  if (after.length > 0) return after;
  const forms = findForms(word);
  if (forms.length > 0)
    return shifted(forms, 0, { name: forms[0]?.kind === 'url_password' ? 'password' : 'key', isVariable: false });
  const isRandom = isOpaque(word) && !/^[0-9a-f]+$/i.test(word) && !isIdName(before);
  return isRandom && !word.startsWith('-')
    ? shifted([literalOf(word, 'opaque', 'a random key')], 0, { name: 'key', isVariable: false })
    : [];
}

function findAfter(before: string, word: string): ArgumentFinding[] {
  if (loginFlag.test(before)) {
    const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(word) ?? [];
    // Neither an address nor a container's `-u 1000:1000` or `-u node:node`.
    const isOther = /^https?$/.test(user) || password === user || /^\d+:\d+$/.test(word);
    if (isOther || !holdsLiteral(password)) return [];
    const found = literalOf(password, 'basic', 'a password');
    return shifted([{ ...found, start: 0 }], user.length + 1, { name: 'password', isVariable: false });
  }
  if (headerFlag.test(before)) {
    const [, name = '', value = ''] = /^([\w-]+)\s*:\s*(.*)$/s.exec(word) ?? [];
    const found = findInValue(name, value, isCredentialHeader);
    const variable = /^authorization$/i.test(name) ? 'token' : name.replace(/^x-/i, '');
    return shifted(found, word.length - value.length, { name: variable, isVariable: false });
  }
  const name = flag.exec(before);
  const isValue = name !== null && name[2] === undefined && !/^--?[A-Za-z]/.test(word);
  if (!isValue || !isCredentialName(name[1] ?? '') || !holdsLiteral(word) || isHarmlessValue(word)) return [];
  const [form] = findForms(word);
  return shifted([form ?? literalOf(word, 'named', 'a credential, by its name')], 0, {
    name: name[1] ?? '',
    isVariable: false,
  });
}

function shifted(
  found: readonly TextFinding[],
  by: number,
  owner: Pick<ArgumentFinding, 'name' | 'isVariable'>,
): ArgumentFinding[] {
  return found.map((one) => ({ ...one, ...owner, start: one.start + by, end: one.end + by }));
}

function shiftedAll(found: readonly ArgumentFinding[], by: number): ArgumentFinding[] {
  return found.map((one) => ({ ...one, start: one.start + by, end: one.end + by }));
}
