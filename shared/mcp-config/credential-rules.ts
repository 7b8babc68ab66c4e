// Finds credentials that stand in mcp.json as plain text, where none may ever stand (promise S3).
import {
  holdsLiteral,
  isCredentialHeader,
  isCredentialName,
  isCredentialParameter,
  isIdName,
  isOpaque,
  looksLikeCredential,
} from './credential-forms.ts';
import { entryKeys, type ServerEntry } from './server-entry.ts';

/** One sentence per finding, naming the place but never the value. */
export function findCredentials(entry: ServerEntry): string[] {
  const unknown = Object.fromEntries(Object.entries(entry).filter(([key]) => !entryKeys.has(key)));
  return [
    ...(entry.type === 'stdio'
      ? [...findInCommand(entry.command), ...findInEnvironment(entry.env), ...findInArguments(entry.args)]
      : [...findInHeaders(entry.headers), ...findInUrl(entry.url), ...findInMembers(entry.auth, 'auth')]),
    ...findInMembers(unknown),
  ];
}

const useVariable = 'put it into an environment variable of the agent and write ${NAME} here';

function* findInHeaders(headers: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(headers)) {
    if (!isCredentialInHeader(name, value)) continue;
    const hint = /^authorization$/i.test(name) ? 'use "auth": { "profile": "workiq" }, or ' : '';
    yield `headers.${name} holds a credential: ${hint}${useVariable}`;
  }
}

function isCredentialInHeader(name: string, value: string): boolean {
  if (isCredentialHeader(name) && holdsLiteral(value)) return true;
  return looksLikeCredential(value) || (isOpaque(value) && !isIdName(name));
}

function* findInUrl(url: string): Generator<string> {
  const [address = '', ...parameters] = url.split(/[?&#]/);
  if (parameters.some(isCredentialInParameter)) yield `url holds a credential in its query: ${useVariable}`;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(address)) yield 'url holds a user name or password before "@": remove it';
  const [, ...segments] = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split('/');
  if (segments.some((segment) => looksLikeCredential(segment) || isOpaque(segment)))
    yield `url holds a credential in its path: ${useVariable}`;
}

function isCredentialInParameter(parameter: string): boolean {
  const [name = '', ...rest] = parameter.split('=');
  const value = rest.join('=');
  if (isCredentialParameter(name) && holdsLiteral(value)) return true;
  return looksLikeCredential(parameter) || (isOpaque(value) && !isIdName(name));
}

function* findInEnvironment(env: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(env)) {
    if (isCredentialInVariable(name, value)) yield `env.${name} holds a credential: ${useVariable}`;
  }
}

function isCredentialInVariable(name: string, value: string): boolean {
  if (isCredentialName(name) && holdsLiteral(value)) return true;
  return looksLikeCredential(value) || (isOpaque(value) && !isIdName(name));
}

function* findInCommand(command: string): Generator<string> {
  if (isCredentialInLine(command)) yield `command holds a credential: ${useVariable.replace('here', 'in args')}`;
}

function* findInArguments(args: readonly string[]): Generator<string> {
  for (const [index, value] of args.entries()) {
    // `sh -c "curl -u me:… https://…"`
    const isLine = /\s/.test(value.trim()) && isCredentialInLine(value);
    if (isCredentialInWord(value, args[index - 1] ?? '') || isLine)
      yield `args[${index}] holds a credential: ${useVariable}`;
  }
}

/** A command line; quotes are taken as a shell does, as far as it matters here. */
function isCredentialInLine(line: string): boolean {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)?.map((word) => word.replace(/["']/g, '')) ?? [];
  return words.some((word, index) => isCredentialInWord(word, words[index - 1] ?? ''));
}

const flag = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s;
const assignment = /^([A-Za-z_]\w*)=(.*)$/s;
const loginFlag = /^(?:-u|--user|--proxy-user)$/;
const headerFlag = /^(?:-H|--header)$/;

/** One word of a command line and the one before it. */
function isCredentialInWord(word: string, previous: string): boolean {
  if (looksLikeCredential(word)) return true;
  if (/^https?:\/\//i.test(word) && !findInUrl(word).next().done) return true;
  const own = flag.exec(word) ?? assignment.exec(word);
  if (own !== null && isCredentialName(own[1] ?? '') && holdsLiteral(own[2] ?? '')) return true;
  // `--header=X-Api-Key: …`, `-Hx-api-key: …`, `-ume:…`
  const [, joinedFlag = '', joined] = /^(-H|-u|--header|--user|--proxy-user)(?:=|(?<=^-[Hu]))(.+)$/s.exec(word) ?? [];
  if (joined !== undefined && isCredentialAfter(joinedFlag, joined)) return true;
  return isCredentialAfter(previous, word);
}

function isCredentialAfter(before: string, word: string): boolean {
  if (loginFlag.test(before)) {
    const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(word) ?? [];
    // Neither an address nor a container's `-u 1000:1000` or `-u node:node`.
    const isOther = /^https?$/.test(user) || password === user || /^\d+:\d+$/.test(word);
    return !isOther && holdsLiteral(password);
  }
  if (headerFlag.test(before)) {
    const [, name = '', value = ''] = /^([\w-]+)\s*:\s*(.*)$/s.exec(word) ?? [];
    return isCredentialInHeader(name, value);
  }
  const name = flag.exec(before);
  const isValue = name !== null && name[2] === undefined && !/^--?[A-Za-z]/.test(word);
  return isValue && isCredentialName(name[1] ?? '') && holdsLiteral(word);
}

/** Deep enough for what other clients nest. */
const maxDepth = 4;

/** Members that mean nothing here and may still hold what somebody took for a setting. */
export function* findInMembers(value: unknown, path = '', depth = 0): Generator<string> {
  if (value === null || typeof value !== 'object' || depth > maxDepth) return;
  for (const [key, member] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`;
    if (typeof member !== 'string') yield* findInMembers(member, place, depth + 1);
    else if (isCredentialInVariable(key, member) && key !== '$schema')
      yield `${looksLikeCredential(place) ? 'a member' : place.slice(0, 80)} holds a credential: remove it`;
  }
}
