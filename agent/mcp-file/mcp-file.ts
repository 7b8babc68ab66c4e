// The agent's mcp.json as a whole, for people who edit it over the bus: read without credentials, and replaced when it is still the
// text that they read, they may, and it would be accepted. It knows neither the bus nor calls.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AppliedMcpFile, EditingLevel, McpFileContent } from '../../shared/contract/manage-messages.ts';
import { endedWithin } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { SerialQueue } from '../../shared/serial-queue.ts';
import { checkEdit } from './check-edit.ts';
import { differences, entriesOf } from './file-entries.ts';
import { maskText } from './mask-text.ts';
import { assertOwnFile, writeOwnFile } from './own-file.ts';
import { usableVariables, usedVariables } from './usable-variables.ts';
import { assertSize, conflict, refused } from './write-refusals.ts';

export interface McpFileOptions {
  path: string;
  editing: EditingLevel;
  profiles: readonly { name: string; scopes: readonly string[]; allowedOrigins: readonly string[] }[];
  tenantId: string;
  /** Of the agent; only names of it are told. */
  env: Readonly<Record<string, string | undefined>>;
  /** Shared with whoever else writes the file. */
  queue: SerialQueue;
  /** The file was there and is gone, while what stood in it is in force. */
  isMissing: () => boolean;
  /** Called after the file has changed; resolves when it is in force. */
  onChanged: () => Promise<void>;
  /** Of the file as it is in force. */
  problems: () => readonly string[];
}

export interface WrittenMcpFile {
  file: McpFileContent;
  applied: AppliedMcpFile;
}

/** Milliseconds for what was written to come into force; the file is written all the same. */
const applyMs = 5_000;

export class McpFile {
  readonly #options: McpFileOptions;

  constructor(options: McpFileOptions) {
    this.#options = options;
  }

  /** `names`: all that an entry could use, or those that the file uses. Throws RockBotError for a file that cannot be read. */
  async read({ names }: { names: 'usable' | 'used' }): Promise<McpFileContent> {
    return this.#told(await this.#current(), names);
  }

  /**
   * Throws RockBotError `invalid_request` with the reason `conflict` when the file is not of that version, `invalid_arguments` and
   * `forbidden` with `problems` for a text that is not taken, `payload_too_large`, and `execution_failed` when it cannot be written.
   */
  async write({ text, version }: { text: string; version?: string | undefined }): Promise<WrittenMcpFile> {
    assertSize(Buffer.byteLength(text));
    const { path, queue, editing: level, isMissing, onChanged } = this.#options;
    return queue.run(async () => {
      await assertOwnFile(path, isMissing());
      const before = await this.#current();
      const readOnly = readOnlyReason(before, level);
      if (readOnly !== undefined || level === 'off') throw refused({ kind: 'forbidden', problems: [readOnly ?? ''] });
      if (before.version !== version) throw conflict(before.exists);
      const checked = checkEdit({ before: before.text, after: text, level, profiles: this.#profileNames() });
      if (!checked.ok) throw refused(checked);
      let isLate = false;
      if (checked.text !== before.text) {
        await writeOwnFile(path, checked.text);
        isLate = true;
        const applied = onChanged().finally(() => (isLate = false));
        await endedWithin(applyMs, applied);
      }
      const changes = differences(entriesOf(before.text ?? '{}').effective, entriesOf(checked.text).effective);
      return {
        file: await this.#told(await this.#current(), 'usable'),
        applied: { ...changes, problems: [...this.#options.problems()], ...(isLate && { late: true }) },
      };
    });
  }

  #profileNames(): string[] {
    return this.#options.profiles.map(({ name }) => name);
  }

  async #current(): Promise<CurrentFile> {
    const { path } = this.#options;
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new RockBotError({
        code: 'execution_failed',
        message: `${path} cannot be read (${error.code ?? 'unknown'}).`,
        action: "Have the operator look at the file's owner and mode.",
        cause: error,
      });
    });
    if (bytes === undefined) return { exists: false, text: undefined, told: '', masking: 'none' };
    assertSize(bytes.length);
    const text = bytes.toString('utf8');
    // Bytes that are no UTF-8 would be others after a way over the bus and back.
    const isText = Buffer.from(text).equals(bytes);
    const isBlank = /^\ufeff?\s*$/.test(text);
    const shown = isText && !isBlank ? maskText(text, { profiles: this.#profileNames() }) : undefined;
    const told = isBlank ? text : (shown?.text ?? '');
    // Of what is told: the hash of a text with a credential would let everybody who reads the rest of it try guesses at it.
    const version = createHash('sha256').update(told).digest('hex');
    const masking = isBlank || shown?.masked === false ? 'none' : shown === undefined ? 'withheld' : 'masked';
    return { exists: true, text, version, told, masking };
  }

  async #told(current: CurrentFile, names: 'usable' | 'used'): Promise<McpFileContent> {
    const { path, isMissing, editing, profiles, tenantId, env } = this.#options;
    const { exists, version, told, masking } = current;
    const readOnly =
      readOnlyReason(current, editing) ??
      (await assertOwnFile(path, isMissing()).catch((error: unknown) => (error as Error).message));
    return {
      text: told,
      ...(version !== undefined && { version }),
      exists,
      ...(masking !== 'none' && { masked: true }),
      editing,
      ...(readOnly !== undefined && { readOnly }),
      profiles: profiles.map(({ name, scopes, allowedOrigins }) => ({
        name,
        scopes: [...scopes],
        allowedOrigins: [...allowedOrigins],
      })),
      environment: names === 'usable' ? usableVariables(env) : usedVariables(env, told),
      tenantId,
    };
  }
}

interface CurrentFile {
  exists: boolean;
  /** As it stands; undefined without a file. */
  text: string | undefined;
  version?: string | undefined;
  /** What may leave the agent of it. */
  told: string;
  masking: 'none' | 'masked' | 'withheld';
}

function readOnlyReason({ masking }: CurrentFile, editing: EditingLevel): string | undefined {
  if (editing === 'off') return 'the operator has switched editing over the bus off (McpBridge__EditableOverBus)';
  if (masking === 'withheld')
    return 'the file on the agent is broken or no UTF-8, so that credentials in it cannot be told from other text; the operator has to repair it there';
  if (masking === 'masked' && editing === 'registered')
    return 'a credential stands in it, which does not leave the agent; the operator has to put it into an environment variable there';
  return undefined;
}
