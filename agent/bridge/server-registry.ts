// Adds and removes entries of mcp.json on behalf of a user of the bus; the text and the comments of all others stay as they are.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { parseMcpConfig, parseServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import { registeredMark } from '../../shared/mcp-config/server-entry.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { readIfThere } from '../files/read-if-there.ts';
import { busEntryProblem, maxEntries, maxEntryLength } from '../mcp-file/bus-entry-rules.ts';
import { entriesOf, isRegistered } from '../mcp-file/file-entries.ts';
import { withMember, withoutMember } from '../mcp-file/member-edits.ts';
import { namesPrototype } from '../mcp-file/names-prototype.ts';
import { assertOwnFile, writeOwnFile } from '../mcp-file/own-file.ts';

export interface ServerRegistryOptions {
  path: string;
  profiles: readonly string[];
  /** The file was there and is gone, while what stood in it is in force. */
  isMissing?: () => boolean;
  /** Called after the file has changed. */
  onChanged: () => Promise<void>;
  /** Shared with whoever else writes the file. */
  queue?: SerialQueue;
}

export class ServerRegistry {
  readonly #options: ServerRegistryOptions;
  readonly #queue: SerialQueue;

  constructor(options: ServerRegistryOptions) {
    this.#options = options;
    this.#queue = options.queue ?? new SerialQueue();
  }

  /**
   * Throws RockBotError `invalid_arguments` for a bad entry, `forbidden` for an operator's name, for one entry too many and for a
   * file that comes from elsewhere, `execution_failed` for one that cannot be written.
   */
  async register(name: string, entry: Record<string, unknown>): Promise<void> {
    const written = JSON.stringify(entry);
    if (namesPrototype(written))
      throw new RockBotError({
        code: 'invalid_arguments',
        message: '"__proto__" is no name that can be used.',
        action: 'Correct the entry.',
      });
    if (written.length > maxEntryLength)
      throw new RockBotError({
        code: 'invalid_arguments',
        message: `The entry is larger than ${maxEntryLength} characters.`,
        action: 'Shorten it, or have the operator put it into mcp.json.',
      });
    const parsed = parseServer(name, entry, this.#options.profiles);
    if (parsed.entry === undefined) {
      throw new RockBotError({
        code: 'invalid_arguments',
        message: `"${name}" cannot be registered: ${parsed.problems.join('; ')}.`,
        action: 'Correct the entry.',
      });
    }
    const forbidden = busEntryProblem(parsed.entry);
    if (forbidden !== undefined)
      throw new RockBotError({
        code: 'forbidden',
        message: `${forbidden}.`,
        action: 'Have the operator put it into mcp.json.',
      });
    await this.#edit(name, { ...entry, [registeredMark]: true });
  }

  /** Throws RockBotError `tool_not_found` for an unknown name, `forbidden` for an operator's entry. */
  async unregister(name: string): Promise<void> {
    await this.#edit(name, undefined);
  }

  #edit(name: string, entry: Record<string, unknown> | undefined): Promise<void> {
    const { path, profiles, isMissing, onChanged } = this.#options;
    return this.#queue.run(async () => {
      await assertOwnFile(path, isMissing?.() ?? false);
      const text = (await readIfThere(path)) ?? '{\n  "mcpServers": {}\n}\n';
      const parsed = parseMcpConfig(text, { profiles });
      if (!parsed.ok)
        throw new RockBotError({
          code: 'execution_failed',
          message: `mcp.json cannot be changed while it is broken: ${parsed.problem}.`,
          action: 'Correct mcp.json first.',
        });
      const existing = parsed.servers.find((server) => server.name === name);
      if (entry === undefined && existing === undefined)
        throw new RockBotError({
          code: 'tool_not_found',
          message: `There is no server "${name}".`,
          action: 'See "rockbot servers list".',
        });
      // Only what came over the bus may be changed that way; an entry that cannot be used any more is still one of them.
      const entries = entriesOf(text);
      if (existing !== undefined && !isRegistered(entries, name)) {
        throw new RockBotError({
          code: 'forbidden',
          message: `"${name}" is the operator's entry in mcp.json.`,
          action: 'Have the operator change it.',
        });
      }
      const registered = parsed.servers.filter((server) => isRegistered(entries, server.name)).length;
      if (existing === undefined && registered >= maxEntries) {
        throw new RockBotError({
          code: 'forbidden',
          message: `${registered} servers were registered over the bus already, and there may be no more than ${maxEntries}.`,
          action: 'Unregister those that nobody needs, or have the operator put this one into mcp.json.',
        });
      }
      const owners = ['mcpServers'];
      const changed = entry === undefined ? withoutMember(text, owners, name) : withMember(text, owners, name, entry);
      await writeOwnFile(path, changed);
      await onChanged();
    });
  }
}
