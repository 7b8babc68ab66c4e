// Whether one text of mcp.json may take the place of another over the bus: what is wrong with it, and what the operator has not
// allowed. Pure.
import { maskedCredential, type EditingLevel } from '../../shared/contract/manage-messages.ts';
import { parseMcpConfig, type ParsedServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import { registeredMark } from '../../shared/mcp-config/server-entry.ts';
import { busEntryProblem, maxEntries, maxEntryLength } from './bus-entry-rules.ts';
import { entriesOf, isRegistered, isSame, type FileEntries } from './file-entries.ts';
import { withMember } from './member-edits.ts';
import { namesPrototype } from './names-prototype.ts';
import { keepOperatorsText } from './operators-text.ts';

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

/** `problems` are clauses without a full stop. `forbidden`: it would be valid, and the operator's level does not allow it. */
export function checkEdit({ before, after, level, profiles }: Edit): CheckedEdit {
  const invalid = (...problems: string[]): CheckedEdit => ({ ok: false, kind: 'invalid', problems });
  if (after.includes(maskedCredential))
    return invalid(
      `the text holds "${maskedCredential}" in place of a credential: write \${NAME}, a variable of the agent, instead`,
    );
  if (namesPrototype(after)) return invalid('"__proto__" is no name that can be used');
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
  if (level !== 'registered') return { ok: true, text: after };
  const kept = keepOperatorsText({ before: before ?? '{}', after, isOperators: (name) => !isRegistered(was, name) });
  return kept.ok
    ? { ok: true, text: withMarks(kept.text, was, is) }
    : { ok: false, kind: 'forbidden', problems: [...operatorsProblems(kept)] };
}

function* operatorsProblems({ entries, others }: { entries: string[]; others: string[] }): Generator<string> {
  for (const name of entries)
    yield `${name}: it is the operator's entry, whose text and comments are not changed over the bus`;
  for (const key of others)
    yield `"${key.slice(0, 60)}" beside "mcpServers", and its comments, are the operator's and not changed over the bus`;
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
    if (problem !== undefined) yield `${name}: ${problem}`;
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
    if (problem !== undefined) yield `${name}: ${problem}`;
    else if (commands.has(name)) yield `${name}: an entry with a command is not changed over the bus`;
  }
}

/** An entry that somebody wrote over the bus says so, and inherits what restricts the operator's entries. */
function withMarks(text: string, was: FileEntries, is: FileEntries): string {
  const unmarked = [...is.mcpServers.keys()].filter(
    (name) => !isRegistered(is, name) && (isRegistered(was, name) || !was.effective.has(name)),
  );
  return unmarked.reduce((rest, name) => withMember(rest, ['mcpServers', name], registeredMark, true), text);
}
