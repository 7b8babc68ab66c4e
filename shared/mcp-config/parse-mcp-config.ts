// mcp.json as text to server entries with their problems; one bad entry does not spoil the others.
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import * as z from 'zod';
import { findCredentials } from './credential-rules.ts';
import { serverEntrySchema, withServerType, type ServerEntry } from './server-entry.ts';

export interface ParsedServer {
  name: string;
  /** Undefined when the entry cannot be used; `problems` say why. */
  entry: ServerEntry | undefined;
  problems: string[];
}

export type ParsedMcpConfig = { ok: true; servers: ParsedServer[] } | { ok: false; problem: string };

const fileSchema = z.looseObject({
  mcpServers: z.record(z.string(), z.unknown()).optional(),
  servers: z.record(z.string(), z.unknown()).optional(),
});

/** Server names stand in metrics, subjects of talk and command lines. */
const namePattern = /^(?!__proto__$)[\w][\w .:@/-]{0,63}$/;

/** jsonc-parser's error codes in words. */
const syntaxProblems: Readonly<Record<string, string>> = {
  InvalidSymbol: 'an unknown word',
  InvalidNumberFormat: 'a number is malformed',
  PropertyNameExpected: 'a name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'there is text after the end',
  UnexpectedEndOfComment: 'a comment is not closed',
  UnexpectedEndOfString: 'a text is not closed',
  UnexpectedEndOfNumber: 'a number is not complete',
  InvalidUnicode: 'a \\u escape is malformed',
  InvalidEscapeCharacter: 'an escape in a text is malformed',
  InvalidCharacter: 'a character is not allowed here',
};

/** JSON with comments and trailing commas. `servers` (VS Code's name) is read beside `mcpServers`, which wins. */
export function parseMcpConfig(text: string, options: { profiles: readonly string[] }): ParsedMcpConfig {
  const errors: ParseError[] = [];
  const json: unknown = text.trim() === '' ? {} : parse(text, errors, { allowTrailingComma: true });
  const [syntax] = errors;
  if (syntax !== undefined) {
    const line = text.slice(0, syntax.offset).split('\n').length;
    return {
      ok: false,
      problem: `line ${line}: ${syntaxProblems[printParseErrorCode(syntax.error)] ?? 'this is no JSON'}`,
    };
  }
  const file = fileSchema.safeParse(json);
  if (!file.success)
    return { ok: false, problem: 'the top level must be an object with "mcpServers", an object of servers by name' };
  const entries = { ...file.data.servers, ...file.data.mcpServers };
  return {
    ok: true,
    servers: Object.entries(entries).map(([name, entry]) => parseServer(name, entry, options.profiles)),
  };
}

/** Checks one entry as it would stand in mcp.json. */
export function parseServer(name: string, raw: unknown, profiles: readonly string[]): ParsedServer {
  const parsed = serverEntrySchema.safeParse(withServerType(raw));
  if (!parsed.success) {
    return {
      name,
      entry: undefined,
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'entry'}: ${message}`),
    };
  }
  const problems = [
    ...checkName(name),
    ...findCredentials(parsed.data),
    ...checkHeaders(parsed.data),
    ...checkAuth(parsed.data, profiles),
  ];
  return { name, entry: problems.length === 0 ? parsed.data : undefined, problems };
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

function* checkAuth(entry: ServerEntry, profiles: readonly string[]): Generator<string> {
  if (entry.guards !== undefined)
    yield 'guards are not supported by this version, and a server is never started without the guards it asks for: remove them, or use allowedTools';
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
