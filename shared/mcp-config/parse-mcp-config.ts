// mcp.json as text to server entries with their problems; one bad entry does not spoil the others.
import * as z from 'zod';
import { editDistance } from '../edit-distance.ts';
import { parseGuards } from '../guards/parse-guards.ts';
import { parseJsonc } from '../parse-jsonc.ts';
import { findCredentials, findInMembers } from './credential-rules.ts';
import { findForeignVariables } from './foreign-variables.ts';
import { normalisedEntry, registeredMark, serverEntrySchema, type ServerEntry } from './server-entry.ts';
import { findMeantKeys } from './unknown-keys.ts';

export interface ParsedServer {
  name: string;
  /** Undefined when the entry cannot be used; `problems` say why. */
  entry: ServerEntry | undefined;
  problems: string[];
  /**
   * True when something that was meant to restrict the server cannot be read: then an earlier entry of the name may not stay in
   * force either, since it restricts less.
   */
  mustStop: boolean;
  /** What the entry is about, also when it cannot be used. */
  meant: MeantEntry;
}

interface MeantEntry {
  /** It came over the bus. */
  isRegistered: boolean;
  /** As it is written. */
  url: string | undefined;
  profile: string | undefined;
  /** It has a key that makes a server do less. */
  restricts: boolean;
}

export type ParsedMcpConfig = { ok: true; servers: ParsedServer[] } | { ok: false; problem: string };

const fileSchema = z.looseObject({
  mcpServers: z.record(z.string(), z.unknown()).optional(),
  servers: z.record(z.string(), z.unknown()).optional(),
});

/** Server names stand in metrics, subjects of talk and command lines. */
const namePattern = /^(?!__proto__$)[\w][\w .:@/-]{0,63}$/;

/**
 * JSON with comments and trailing commas. `servers` (VS Code's name) is read beside `mcpServers`, which wins. `{}` means no
 * servers; an empty file does not, for it may be one that is being saved.
 */
export function parseMcpConfig(text: string, options: { profiles: readonly string[] }): ParsedMcpConfig {
  if (text.trim() === '') return { ok: false, problem: 'the file is empty; write {} for no servers' };
  const json = parseJsonc(text);
  if (!json.ok) return json;
  const file = fileSchema.safeParse(json.value);
  if (!file.success)
    return { ok: false, problem: 'the top level must be an object with "mcpServers", an object of servers by name' };
  const { servers, mcpServers, ...others } = file.data;
  const problem = topLevelProblem({ hasServers: (servers ?? mcpServers) !== undefined, others });
  if (problem !== undefined) return { ok: false, problem };
  const entries = { ...servers, ...mcpServers };
  return {
    ok: true,
    servers: Object.entries(entries).map(([name, entry]) => parseServer(name, entry, options.profiles)),
  };
}

function topLevelProblem({
  hasServers,
  others,
}: {
  hasServers: boolean;
  others: Readonly<Record<string, unknown>>;
}): string | undefined {
  const [credential] = findInMembers(others);
  if (credential !== undefined) return credential;
  const keys = Object.keys(others);
  const misspelt = keys.find(
    (key) =>
      /^(?:mcp)?_?servers?$/i.test(key) || (key.length < 20 && editDistance(key.toLowerCase(), 'mcpservers') <= 3),
  );
  if (misspelt !== undefined) return `the top level has "${misspelt}": did you mean "mcpServers"?`;
  if (hasServers || keys.length === 0) return undefined;
  return 'the top level has neither "mcpServers" nor "servers", but other keys: did you mean to put them into "mcpServers"?';
}

/** Checks one entry as it would stand in mcp.json. */
export function parseServer(name: string, raw: unknown, profiles: readonly string[]): ParsedServer {
  const parsed = serverEntrySchema.safeParse(normalisedEntry(raw));
  if (!parsed.success) {
    const { issues } = parsed.error;
    return {
      name,
      entry: undefined,
      problems: issues.map((issue) => `${issue.path.join('.') || 'entry'}: ${issueText(issue)}`),
      mustStop: issues.some(({ path }) => restrictions.has(String(path[0]))),
      meant: meantEntry(raw),
    };
  }
  const restricting = [...findMeantKeys(parsed.data), ...checkEnabled(parsed.data), ...checkGuards(parsed.data)];
  const problems = [
    ...checkName(name),
    ...restricting,
    ...findCredentials(parsed.data),
    ...findForeignVariables(parsed.data),
    ...checkHeaders(parsed.data),
    ...checkAuth(parsed.data, profiles),
  ];
  const entry = problems.length === 0 ? parsed.data : undefined;
  return { name, entry, problems, mustStop: restricting.length > 0, meant: meantEntry(raw) };
}

const meantSchema = z.object({
  url: z.string().optional().catch(undefined),
  auth: z
    .object({ profile: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  [registeredMark]: z.literal(true).optional().catch(undefined),
});

function meantEntry(raw: unknown): MeantEntry {
  const { url, auth, [registeredMark]: mark } = meantSchema.safeParse(raw).data ?? {};
  const keys = raw !== null && typeof raw === 'object' ? Object.keys(raw) : [];
  return {
    isRegistered: mark === true,
    url,
    profile: auth?.profile,
    restricts: keys.some((key) => restrictions.has(key)),
  };
}

/** Keys that make a server do less. */
const restrictions: ReadonlySet<string> = new Set([
  'enabled',
  'disabled',
  'allowedTools',
  'deniedTools',
  'guards',
  'limits',
]);

const expectedTypes: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** zod's own words are for programmers. */
function issueText({ code, message, ...issue }: z.core.$ZodIssue): string {
  if (code === 'invalid_type' && message.startsWith('Invalid input'))
    return `must be ${expectedTypes[(issue as { expected: string }).expected] ?? 'something else'}`;
  if (code === 'too_small' && message.startsWith('Too small')) return 'is too small';
  return code === 'too_big' ? 'is too large' : message;
}

function* checkEnabled({ enabled, disabled }: ServerEntry): Generator<string> {
  if (enabled === disabled) yield 'enabled and disabled contradict each other: remove one of them';
}

function* checkName(name: string): Generator<string> {
  if (!namePattern.test(name)) yield 'the name may have 1 to 64 letters, digits, spaces and the characters . _ : @ / -';
}

/** RFC 9110: a token; and no control characters in the value. */
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
/** They frame the request or say which host it is for; with another Host a shared front end would pass a bearer on to it. */
const ownHeaders = /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer)$/i;

function* checkHeaders(entry: ServerEntry): Generator<string> {
  if (entry.type === 'stdio') return;
  for (const [name, value] of Object.entries(entry.headers)) {
    if (!headerName.test(name)) yield `headers holds a name that is none: use letters, digits and "-"`;
    else if (ownHeaders.test(name)) yield `headers.${name} is set by the agent itself: remove it`;
    // eslint-disable-next-line no-control-regex
    else if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      yield `headers.${name} holds a line break or another control character`;
  }
}

function* checkGuards({ guards }: ServerEntry): Generator<string> {
  if (guards === undefined) return;
  const parsed = parseGuards(guards);
  if (!parsed.ok) yield* parsed.problems.map((problem) => `guards: ${problem}`);
}

function* checkAuth(entry: ServerEntry, profiles: readonly string[]): Generator<string> {
  if (entry.type === 'stdio') {
    if (entry['auth'] !== undefined)
      yield 'auth is for servers with a url; a stdio server takes its credentials from env';
    return;
  }
  if (entry.auth === undefined) return;
  if (!profiles.includes(entry.auth.profile)) {
    yield `auth.profile "${entry.auth.profile}" is not configured; the agent has ${profiles.join(', ')}`;
  }
  if (Object.keys(entry.headers).some((header) => header.toLowerCase() === 'authorization')) {
    yield 'a static Authorization header beside auth contradicts it: remove the header';
  }
}
