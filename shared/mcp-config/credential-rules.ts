// Finds credentials that stand in an entry of mcp.json as plain text, where none may ever stand (promise S3), with their exact
// places. Agent and editor both go by it; it knows neither of them.
import { isCredentialHeader, isCredentialName } from './credential-forms.ts';
import type { CredentialKind } from './credential-patterns.ts';
import { findForms, findInValue } from './credential-text.ts';
import { findInArguments, findInLine } from './command-line-credentials.ts';
import { entryKeys } from './server-entry.ts';
import { findInUrl } from './url-credentials.ts';
import { isWorkIqAddress } from './work-iq-address.ts';

export type CredentialFix =
  /** Put it into a variable of the agent and write `${name}`. */
  | { class: 'use_variable'; name: string }
  /** Of a Work IQ address: the agent has the credential. */
  | { class: 'use_profile'; profile: string }
  | { class: 'remove' };

export interface CredentialFinding {
  /** Within the entry. */
  path: (string | number)[];
  /** It is the name of the member rather than its value. */
  isKey?: boolean;
  /** Offsets in the text at the path, or in the name. */
  start: number;
  end: number;
  kind: CredentialKind;
  /** For people, after "looks like". */
  what: string;
  /** Only stands where a credential belongs, such as YOUR_API_KEY: a mistake, but no secret. */
  isPlaceholder: boolean;
  fix: CredentialFix;
  /** What the agent says of it: the place, never the value. */
  sentence: string;
}

const useVariable = 'put it into an environment variable of the agent and write ${NAME} here';
const useVariableInArguments = useVariable.replace('here', 'in args');

/** Whatever the entry's type is: a credential in a part that is not used is one all the same. `server` names variables. */
export function findCredentials(entry: Readonly<Record<string, unknown>>, server = ''): CredentialFinding[] {
  const { command, args, env, headers, url, auth, ...others } = entry;
  const unknown = Object.fromEntries(Object.entries(others).filter(([key]) => !entryKeys.has(key)));
  const known = Object.fromEntries(Object.entries(others).filter(([key]) => entryKeys.has(key)));
  return [
    ...inCommand(command),
    ...inEnvironment(env),
    ...inArguments(args, server),
    ...inHeaders(headers, typeof url === 'string' ? url : '', server),
    ...inUrl(url, server),
    ...findInMembers(auth, ['auth']),
    ...inNames(headers, 'headers'),
    ...inNames(env, 'env'),
    ...inNames(unknown),
    ...findInMembers(unknown),
    ...inKnownMembers(known),
  ];
}

function* texts(value: unknown): Generator<[key: string, text: string]> {
  if (value === null || typeof value !== 'object') return;
  for (const [key, text] of Object.entries(value)) if (typeof text === 'string') yield [key, text];
}

/** A credential that stands where a name belongs. */
function* inNames(value: unknown, under?: string): Generator<CredentialFinding> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
  for (const name of Object.keys(value))
    for (const found of findForms(name))
      yield {
        ...found,
        path: under === undefined ? [name] : [under, name],
        isKey: true,
        fix: { class: 'remove' },
        sentence: `a name${under === undefined ? '' : ` in ${under}`} is a credential: remove it`,
      };
}

/** A name that looks like a credential must not be repeated. */
function placeOf(list: string, name: string): string {
  return findForms(name).length > 0 ? `a member of ${list}` : `${list}.${name}`;
}

function* inHeaders(headers: unknown, url: string, server: string): Generator<CredentialFinding> {
  for (const [name, value] of texts(headers)) {
    const isAuthorization = /^authorization$/i.test(name);
    const hint = isAuthorization ? 'use "auth": { "profile": "workiq" }, or ' : '';
    const fix: CredentialFix =
      isAuthorization && isWorkIqAddress(url)
        ? { class: 'use_profile', profile: 'workiq' }
        : { class: 'use_variable', name: variableName(server, isAuthorization ? 'token' : name.replace(/^x-/i, '')) };
    for (const found of findInValue(name, value, isHeader))
      yield {
        ...found,
        path: ['headers', name],
        fix,
        sentence: `${placeOf('headers', name)} holds a credential: ${hint}${useVariable}`,
      };
  }
}

/** Some products name their header like a variable. */
function isHeader(name: string): boolean {
  return isCredentialHeader(name) || isCredentialName(name);
}

function* inUrl(url: unknown, server: string): Generator<CredentialFinding> {
  if (typeof url !== 'string') return;
  for (const { name, where, ...found } of findInUrl(url)) {
    const sentence =
      where === 'login'
        ? 'url holds a user name or password before "@": remove it'
        : `url holds a credential in its ${where}: ${useVariable}`;
    const fix: CredentialFix =
      where === 'login' ? { class: 'remove' } : { class: 'use_variable', name: variableName(server, name) };
    yield { ...found, path: ['url'], fix, sentence };
  }
}

function* inEnvironment(env: unknown): Generator<CredentialFinding> {
  for (const [name, value] of texts(env)) {
    for (const found of findInValue(name, value, isCredentialName)) {
      const variable = variableName(
        '',
        found.end - found.start === value.trim().length ? name : partName(name, found.kind),
      );
      const fix: CredentialFix = { class: 'use_variable', name: variable };
      yield {
        ...found,
        path: ['env', name],
        fix,
        sentence: `${placeOf('env', name)} holds a credential: ${useVariable}`,
      };
    }
  }
}

/** Of a credential in the middle of a value: `DATABASE_PASSWORD` for one in DATABASE_URL. */
function partName(name: string, kind: CredentialKind): string {
  const subject = name.replace(/_?(?:url|uri|dsn|connection_?string)$/i, '');
  if (kind === 'url_password' || kind === 'assigned') return `${subject}_password`;
  if (kind === 'bearer') return `${name}_token`;
  return isCredentialName(name) ? name : `${name}_secret`;
}

function* inCommand(command: unknown): Generator<CredentialFinding> {
  if (typeof command !== 'string') return;
  for (const { name: _, ...found } of findInLine(command))
    yield {
      ...found,
      path: ['command'],
      fix: { class: 'remove' },
      sentence: `command holds a credential: ${useVariableInArguments}`,
    };
}

function* inArguments(args: unknown, server: string): Generator<CredentialFinding> {
  if (!Array.isArray(args)) return;
  for (const { index, name, isVariable, ...found } of findInArguments(args)) {
    const fix: CredentialFix = { class: 'use_variable', name: variableName(isVariable ? '' : server, name) };
    yield { ...found, path: ['args', index], fix, sentence: `args[${index}] holds a credential: ${useVariable}` };
  }
}

/** Deep enough for what other clients nest. */
const maxDepth = 4;

/** Members that mean nothing here and may still hold what somebody took for a setting. */
export function* findInMembers(value: unknown, path: (string | number)[] = []): Generator<CredentialFinding> {
  const start = path.length === 0 ? 0 : 1;
  if (value === null || typeof value !== 'object' || path.length - start > maxDepth) return;
  for (const [key, member] of Object.entries(value)) {
    const inner = [...path, Array.isArray(value) ? Number(key) : key];
    if (typeof member !== 'string') yield* findInMembers(member, inner);
    else if (key !== '$schema')
      for (const found of findInValue(key, member, isCredentialName))
        yield { ...found, path: inner, fix: { class: 'remove' }, sentence: memberSentence(inner) };
  }
}

/** Filters, guards and the like hold names and paths, which may be long and random. */
function* inKnownMembers(value: unknown, path: (string | number)[] = []): Generator<CredentialFinding> {
  if (value === null || typeof value !== 'object' || path.length > maxDepth) return;
  for (const [key, member] of Object.entries(value)) {
    const inner = [...path, Array.isArray(value) ? Number(key) : key];
    if (typeof member !== 'string') yield* inKnownMembers(member, inner);
    else
      for (const found of findForms(member))
        yield { ...found, path: inner, fix: { class: 'remove' }, sentence: memberSentence(inner) };
  }
}

/** A name that looks like a credential must not be repeated. */
function memberSentence(path: readonly (string | number)[]): string {
  const place = path.join('.');
  return `${findForms(place).length > 0 ? 'a member' : place.slice(0, 80)} holds a credential: remove it`;
}

/** `GITHUB_TOKEN` for server `github` and header `token`; a name that has the server's in it already needs no prefix. */
function variableName(server: string, name: string): string {
  const [prefix = '', rest = ''] = [server, name].map((part) =>
    part
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .toUpperCase(),
  );
  const joined = prefix === '' || rest.startsWith(prefix) ? rest : `${prefix}_${rest}`;
  const variable = joined.slice(0, 60).replace(/_+$/, '');
  return /^[A-Z]/.test(variable) ? variable : `MCP_${variable}`.replace(/_$/, '');
}
