// The servers of mcp.json as it is in force: what is wrong in it keeps the last good state of what it concerns, except that a
// restriction which cannot be read stops its server. It knows neither calls nor sign-ins.
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import { redact } from '../../shared/redaction.ts';
import type { Logger } from '../logger.ts';
import {
  inheritedBy,
  nothingInherited,
  operatorsEntries,
  withInherited,
  type Inherited,
  type OperatorsEntry,
} from './inherited-restrictions.ts';
import { unknownServer } from './lookup-errors.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ToolMemory } from './tool-memory.ts';

export interface ConfiguredServersOptions {
  /** Names of the profiles that entries may use. */
  profiles: readonly string[];
  lookupVariable: (name: string) => string | undefined;
  /** Makes a connection that is not started yet. */
  connect: (name: string, entry: ServerEntry, options: ConnectOptions) => ServerConnection;
  toolMemory: Pick<ToolMemory, 'forget'>;
  logger: Logger;
  /** Servers, tools or states have changed; `removed` names servers that are gone. */
  onChange: (removed: readonly string[]) => void;
}

export interface ConnectOptions {
  /** Of an entry that came over the bus. */
  inherited: Inherited;
  onChange: () => void;
}

export class ConfiguredServers {
  readonly #options: ConfiguredServersOptions;
  readonly #servers = new Map<string, ServerConnection>();
  /** Entries that cannot be used and have no good predecessor, with their problems. */
  readonly #invalid = new Map<string, string[]>();
  /** What each of the servers was connected with, as text. */
  readonly #inForce = new Map<string, string>();
  /** Connections that are not among the servers any more and have not ended yet. */
  readonly #ending = new Set<Promise<void>>();
  #problems: string[] = [];
  #configured = false;
  #isMissing = false;

  constructor(options: ConfiguredServersOptions) {
    this.#options = options;
  }

  /** True once mcp.json was looked at. */
  get started(): boolean {
    return this.#configured;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** The file was there and is gone: what stood in it is in force, but not written anywhere. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** Applies the text of mcp.json. Without a file there are no servers. */
  configure(text: string | undefined): void {
    this.#configured = true;
    this.#isMissing = false;
    const parsed = parseMcpConfig(text ?? '{}', { profiles: [...this.#options.profiles] });
    if (!parsed.ok) {
      this.#setProblems([`mcp.json is not in force: ${parsed.problem}`]);
      return;
    }
    const problems: string[] = [];
    this.#invalid.clear();
    const { lookupVariable: lookup } = this.#options;
    const inForce = (name: string): ServerEntry | undefined => this.#servers.get(name)?.entry;
    const operators = operatorsEntries(parsed.servers, { inForce, lookup });
    for (const { name, entry, meant, problems: found, mustStop } of parsed.servers) {
      const used: UsedEntry =
        meant.isRegistered && entry !== undefined ? this.#restricted(entry, operators) : { entry };
      const faults = [...found, ...(used.problem === undefined ? [] : [used.problem])];
      problems.push(...faults.map((problem) => `${name}: ${problem}`));
      // What it inherits now cannot be told of the last good state of an entry over the bus.
      if (mustStop || (meant.isRegistered && used.entry === undefined)) this.#drop(name);
      if (used.entry !== undefined) this.#put(name, used.entry, used.inherited);
      else if (!this.#servers.has(name)) this.#invalid.set(name, faults);
    }
    const named = new Set(parsed.servers.map(({ name }) => name));
    const removed = [...this.#servers.keys()].filter((name) => !named.has(name));
    for (const name of removed) {
      this.#drop(name);
      this.#options.toolMemory.forget(name);
    }
    this.#setProblems(problems, removed);
  }

  /** The file is there but cannot be read, or it was there and is gone (`ENOENT`). */
  unreadable(code: string): void {
    this.#isMissing = code === 'ENOENT';
    this.#setProblems([
      this.#isMissing
        ? 'mcp.json is gone: what stood in it stays in force until the file is back; write {} into it for no servers'
        : `mcp.json cannot be read (${code === 'EFBIG' ? 'it is too large' : code})`,
    ]);
  }

  all(): ServerConnection[] {
    return [...this.#servers.values()];
  }

  get(name: string): ServerConnection | undefined {
    return this.#servers.get(name);
  }

  /** Throws RockBotError for an unknown name and for an entry that cannot be used. */
  named(name: string): ServerConnection {
    const server = this.#servers.get(name);
    if (server !== undefined) return server;
    const problems = this.#invalid.get(name);
    if (problems !== undefined) throw new RockBotError({ ...invalidServer(name, problems).error });
    throw unknownServer(name, [...this.#servers.keys()]);
  }

  list(only?: string): ListedServer[] {
    const servers = this.all().map((server) => server.listed());
    const invalid = [...this.#invalid].map(([name, problems]) => invalidServer(name, problems));
    return [...servers, ...invalid]
      .filter(({ name }) => only === undefined || name === only)
      .sort((left, right) => left.name.localeCompare(right.name));
  }

  /** Resolves when nothing is left of them, also of those that were dropped before. */
  async close(): Promise<void> {
    for (const name of this.#servers.keys()) this.#drop(name);
    await Promise.allSettled(this.#ending);
  }

  /** An entry that came over the bus, with what it inherits. */
  #restricted(entry: ServerEntry, operators: readonly OperatorsEntry[]): UsedEntry {
    const { blockedBy, ...inherited } = inheritedBy(entry, operators, this.#options.lookupVariable);
    if (blockedBy === undefined) return { entry: withInherited(entry, inherited), inherited };
    return {
      entry: undefined,
      problem: `the operator's entry "${blockedBy}" restricts it as well and cannot be used: correct that one`,
    };
  }

  #put(name: string, entry: ServerEntry, inherited = nothingInherited): void {
    const text = JSON.stringify([entry, inherited]);
    if (this.#servers.has(name) && this.#inForce.get(name) === text) return;
    this.#drop(name);
    const onChange = (): void => {
      if (this.#servers.get(name) === connection) this.#options.onChange([]);
    };
    const connection = this.#options.connect(name, entry, { inherited, onChange });
    this.#servers.set(name, connection);
    this.#inForce.set(name, text);
    connection.start();
  }

  #drop(name: string): void {
    const server = this.#servers.get(name);
    if (server === undefined) return;
    this.#servers.delete(name);
    this.#inForce.delete(name);
    const ending = server.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #setProblems(problems: string[], removed: readonly string[] = []): void {
    const isNews = JSON.stringify(problems) !== JSON.stringify(this.#problems);
    this.#problems = problems.map((problem) => redact(problem));
    if (isNews && problems.length > 0)
      this.#options.logger.error('mcp.json has problems; what they concern keeps its last good state, if it had one.', {
        problems,
      });
    this.#options.onChange(removed);
  }
}

interface UsedEntry {
  /** Undefined when it cannot be used. */
  entry: ServerEntry | undefined;
  inherited?: Inherited;
  problem?: string;
}

function invalidServer(name: string, problems: readonly string[]): ListedServer & { error: WireError } {
  const error = toWireError(
    new RockBotError({
      code: 'server_unavailable',
      retryable: false,
      message: `The entry of "${name}" in mcp.json cannot be used: ${problems.join('; ')}.`,
      action: 'Correct mcp.json; it is read again by itself.',
    }),
  );
  return {
    name,
    state: 'invalid',
    type: 'unknown',
    tools: [],
    hidden: [{ code: 'invalid', reason: problems.join('; ') }],
    error,
  };
}
