// Everything that makes one entry of mcp.json unusable, each with its place. Agent and editor both go by it.
import type * as z from 'zod';
import { expectedTypeText } from '../expected-type.ts';
import { parseGuards } from '../guards/parse-guards.ts';
import { isRecord } from '../is-record.ts';
import { findCredentials, type CredentialFinding } from './credential-rules.ts';
import type { EntryProblem, EntryProblemCode } from './entry-problem.ts';
import { findForeignVariables } from './foreign-variables.ts';
import { normalisedEntry, serverEntrySchema, type ServerEntry } from './server-entry.ts';
import { findMeantKeys } from './unknown-keys.ts';

export interface CheckedEntry {
  /** Undefined when it is not even an entry; otherwise it can be used if there are no problems. */
  entry: ServerEntry | undefined;
  problems: EntryProblem[];
  /** Placeholders, too; without `entry` they are not looked for. */
  credentials: CredentialFinding[];
}

/** `profiles` undefined: it is not known which there are, so that any is taken. */
export function checkEntry(name: string, raw: unknown, profiles: readonly string[] | undefined): CheckedEntry {
  const parsed = serverEntrySchema.safeParse(normalisedEntry(raw));
  if (!parsed.success) return { entry: undefined, problems: parsed.error.issues.map(issueProblem), credentials: [] };
  const entry = parsed.data;
  const credentials = findCredentials(entry, name);
  return {
    entry,
    credentials,
    problems: [
      ...checkName(name),
      ...findMeantKeys(entry),
      ...checkEnabled(entry),
      ...checkGuards(entry),
      ...checkCredentials(credentials),
      ...findForeignVariables(entry),
      ...checkHeaders(entry),
      ...checkAuth(entry, profiles),
    ],
  };
}

/** Keys that make a server do less. */
export const restrictions: ReadonlySet<string> = new Set([
  'enabled',
  'disabled',
  'allowedTools',
  'deniedTools',
  'guards',
  'limits',
]);

const namePattern = /^(?!__proto__$)[\w][\w .:@/-]{0,63}$/;

/** Placeholders are no credentials: they are said by the editor only. */
function* checkCredentials(credentials: readonly CredentialFinding[]): Generator<EntryProblem> {
  for (const credential of credentials) {
    const { path, start, end, what, isPlaceholder, isKey } = credential;
    if (!isPlaceholder)
      yield {
        code: 'secret',
        path,
        span: { start, end },
        ...(isKey === true ? { isKey } : {}),
        text: `looks like ${what}`,
        restricts: false,
        credential,
      };
  }
}

/** Of an entry that is not read: all that matters of it. */
export function* checkShadowed(name: string, raw: unknown): Generator<EntryProblem> {
  if (isRecord(raw)) yield* checkCredentials(findCredentials(raw, name));
}

function issueProblem(issue: z.core.$ZodIssue): EntryProblem {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const isUnknown = issue.code === 'unrecognized_keys';
  return {
    code: issueCode(issue),
    path: isUnknown ? [...path, issue.keys[0] ?? ''] : path,
    ...(isUnknown ? { isKey: true } : {}),
    ...(issue.code === 'invalid_type' ? { expected: issue.expected } : {}),
    text: isUnknown ? `"${String(issue.keys[0]).slice(0, 60)}" is no key of "${String(path[0])}"` : issueText(issue),
    restricts: restrictions.has(String(path[0])),
  };
}

function issueCode({ code, message, path }: z.core.$ZodIssue): EntryProblemCode {
  if (code === 'invalid_union' && path[0] === 'type') return 'unknown-type';
  if (code === 'unrecognized_keys') return 'unknown-key';
  if (message === 'is missing') return 'missing-address';
  return code === 'too_small' || code === 'too_big' ? 'out-of-range' : 'wrong-kind';
}

/** zod's own words are for programmers. */
function issueText(issue: z.core.$ZodIssue): string {
  const { code, message } = issue;
  if (issue.code === 'invalid_type' && message.startsWith('Invalid input')) return expectedTypeText(issue.expected);
  if (code === 'too_small' && message.startsWith('Too small')) return 'is too small';
  return code === 'too_big' ? 'is too large' : message;
}

function* checkEnabled({ enabled, disabled }: ServerEntry): Generator<EntryProblem> {
  if (enabled !== disabled) return;
  const text = 'enabled and disabled contradict each other: remove one of them';
  yield { code: 'enabled-contradiction', path: ['disabled'], isKey: true, text, restricts: true };
}

/** Server names stand in metrics, subjects of talk and command lines. */
function* checkName(name: string): Generator<EntryProblem> {
  if (namePattern.test(name)) return;
  const text = 'the name may have 1 to 64 letters, digits, spaces and the characters . _ : @ / -';
  yield { code: 'server-name', path: [], isKey: true, text, restricts: false };
}

/** RFC 9110: a token; and no control characters in the value. */
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
/** They frame the request or say which host it is for; with another Host a shared front end would pass a bearer on to it. */
const ownHeaders = /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer)$/i;

function* checkHeaders(entry: ServerEntry): Generator<EntryProblem> {
  if (entry.type === 'stdio') return;
  for (const [name, value] of Object.entries(entry.headers)) {
    const problem = headerProblem(name, value);
    if (problem !== undefined) yield { code: 'header', path: ['headers', name], ...problem, restricts: false };
  }
}

function headerProblem(name: string, value: string): Pick<EntryProblem, 'isKey' | 'text'> | undefined {
  if (!headerName.test(name)) return { isKey: true, text: 'the name of a header has letters, digits and "-" only' };
  if (ownHeaders.test(name)) return { isKey: true, text: `"${name}" is set by the agent itself: remove it` };
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)
    ? { text: 'the value holds a line break or another control character' }
    : undefined;
}

function* checkGuards({ guards }: ServerEntry): Generator<EntryProblem> {
  if (guards === undefined) return;
  const parsed = parseGuards(guards);
  if (parsed.ok) return;
  for (const { path, ...problem } of parsed.problems)
    yield { code: 'guards', path: ['guards', ...path], ...problem, restricts: true };
}

function* checkAuth(entry: ServerEntry, profiles: readonly string[] | undefined): Generator<EntryProblem> {
  if (entry.type === 'stdio') {
    if (entry['auth'] === undefined) return;
    const text = '"auth" is for servers with a url; a stdio server takes its credentials from env';
    yield { code: 'auth-on-stdio', path: ['auth'], isKey: true, text, restricts: false };
    return;
  }
  if (entry.auth === undefined) return;
  if (profiles?.includes(entry.auth.profile) === false) {
    const text = `the profile "${entry.auth.profile}" is not configured; the agent has ${profiles.join(', ')}`;
    yield { code: 'unknown-profile', path: ['auth', 'profile'], text, restricts: false };
  }
  for (const header of Object.keys(entry.headers).filter((key) => key.toLowerCase() === 'authorization'))
    yield {
      code: 'authorization-beside-auth',
      path: ['headers', header],
      isKey: true,
      text: 'a static Authorization header beside auth contradicts it: remove the header',
      restricts: false,
    };
}
