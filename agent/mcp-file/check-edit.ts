// Whether one text of mcp.json may take the place of another over the bus: what is wrong with it, and what the operator has not
// allowed. Pure.
import { applyEdits, createScanner, modify } from 'jsonc-parser';
import { maskedCredential, type EditingLevel } from '../../shared/contract/manage-messages.ts';
import { jsoncToken } from '../../shared/jsonc-token.ts';
import { parseMcpConfig, type ParsedServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import { registeredMark } from '../../shared/mcp-config/server-entry.ts';
import { busEntryProblem, maxEntries, maxEntryLength } from './bus-entry-rules.ts';
import { entriesOf, isRegistered, isSame, type FileEntries } from './file-entries.ts';

export interface Edit {
  /** The file as it stands; undefined when there is none. */
  before: string | undefined;
  after: string;
  level: Exclude<EditingLevel, 'off'>;
  profiles: readonly string[];
}

export type CheckedEdit =
  /** As it is to be written. */
  { ok: true; text: string } | { ok: false; kind: 'invalid' | 'forbidden'; problems: string[] };

/** Deeper than any entry, and far from what a parser's stack takes. */
const maxDepth = 100;

/** `problems` are clauses without a full stop. `forbidden`: it would be valid, and the operator's level does not allow it. */
export function checkEdit({ before, after, level, profiles }: Edit): CheckedEdit {
  const invalid = (...problems: string[]): CheckedEdit => ({ ok: false, kind: 'invalid', problems });
  if (after.includes(maskedCredential))
    return invalid(
      `the text holds "${maskedCredential}" in place of a credential: write \${NAME}, a variable of the agent, instead`,
    );
  const odd = oddity(after);
  if (odd !== undefined) return invalid(odd);
  const parsed = parseMcpConfig(after, { profiles });
  if (!parsed.ok) return invalid(parsed.problem);
  const was = entriesOf(before ?? '{}');
  const is = entriesOf(after);
  // What was wrong before keeps nobody from changing something else; the agent goes on to tell of it.
  const faults = parsed.servers
    .filter(({ name }) => !isSame(was.effective, is.effective, name))
    .flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  if (faults.length > 0) return invalid(...faults);
  if (level === 'all') return { ok: true, text: after };
  const old = before === undefined ? undefined : parseMcpConfig(before, { profiles });
  if (old?.ok === false)
    return {
      ok: false,
      kind: 'forbidden',
      problems: [`the file on the agent is broken (${old.problem}), so that the operator's entries cannot be told`],
    };
  const rules = level === 'registered' ? registeredProblems : remoteProblems;
  const forbidden = [...rules({ was, is, old: old?.servers ?? [], servers: parsed.servers })];
  if (forbidden.length > 0) return { ok: false, kind: 'forbidden', problems: forbidden };
  return { ok: true, text: level === 'registered' ? withMarks(after, was, is) : after };
}

interface Entries {
  was: FileEntries;
  is: FileEntries;
  old: readonly ParsedServer[];
  servers: readonly ParsedServer[];
}

/** The same as registering and unregistering one by one. */
function* registeredProblems({ was, is, servers }: Entries): Generator<string> {
  for (const name of was.effective.keys()) {
    if (isRegistered(was, name) || isSame(was.effective, is.effective, name)) continue;
    yield `${name}: it is the operator's entry, which is not ${is.effective.has(name) ? 'changed' : 'removed'} over the bus`;
  }
  for (const name of new Set([...was.servers.keys(), ...is.servers.keys()])) {
    if (!isSame(was.servers, is.servers, name))
      yield `${name}: entries in "servers" are the operator's; what comes over the bus stands in "mcpServers"`;
  }
  for (const { name, entry } of servers) {
    if (isSame(was.effective, is.effective, name)) continue;
    const problem = entry && busEntryProblem(entry);
    if (problem !== undefined) yield `${name}: ${clause(problem)}`;
    if (JSON.stringify(is.effective.get(name)).length > maxEntryLength)
      yield `${name}: the entry is larger than ${maxEntryLength} characters`;
  }
  const count = [...is.mcpServers.keys()].filter((name) => isRegistered(is, name) || !was.effective.has(name)).length;
  if (count > maxEntries) yield `there may be no more than ${maxEntries} entries over the bus, and these are ${count}`;
}

/** The operator's entries too, but no commands, and no variables of the agent in what is new. */
function* remoteProblems({ was, is, old, servers }: Entries): Generator<string> {
  for (const name of is.servers.keys()) {
    // It would come into force, whatever it is, when the other one is removed.
    if (is.mcpServers.has(name) && !isSame(was.servers, is.servers, name))
      yield `${name}: it stands in "servers" and in "mcpServers"; only one can be meant`;
  }
  const commands = new Set(old.filter(({ entry }) => entry?.type === 'stdio').map(({ name }) => name));
  for (const { name, entry } of servers) {
    if (isSame(was.effective, is.effective, name)) continue;
    const problem = entry && busEntryProblem(entry);
    if (problem !== undefined) yield `${name}: ${clause(problem)}`;
    else if (commands.has(name)) yield `${name}: an entry with a command is not changed over the bus`;
  }
}

/** Problems are joined, each without a full stop. */
function clause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** An entry that somebody wrote over the bus says so, and inherits what restricts the operator's entries. */
function withMarks(text: string, was: FileEntries, is: FileEntries): string {
  const unmarked = [...is.mcpServers.keys()].filter(
    (name) => !isRegistered(is, name) && (isRegistered(was, name) || !was.effective.has(name)),
  );
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  let body = text.slice(mark.length);
  for (const name of unmarked) {
    const edits = modify(body, ['mcpServers', name, registeredMark], true, {
      formattingOptions: { insertSpaces: true, tabSize: 2, eol: body.includes('\r\n') ? '\r\n' : '\n' },
    });
    body = applyEdits(body, edits);
  }
  return mark + body;
}

/**
 * A parser that calls itself for each level would end the agent's patience, or its stack; and readers differ in what they make of
 * the name of the prototype.
 */
function oddity(text: string): string | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind: number = scanner.scan(); kind !== jsoncToken.end; kind = scanner.scan()) {
    if (kind === jsoncToken.openBrace || kind === jsoncToken.openBracket) depth++;
    else if (kind === jsoncToken.closeBrace || kind === jsoncToken.closeBracket) depth--;
    else if (kind === jsoncToken.text && scanner.getTokenValue() === '__proto__')
      return '"__proto__" is no name that can be used';
    if (depth > maxDepth) return `it is nested deeper than ${maxDepth} levels`;
  }
  return undefined;
}
