// One line per call in audit.jsonl: who called which tool when with what outcome; never arguments or results.
import { appendFile, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { plainLine } from '../../shared/plain-text.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { ensurePrivateFolder } from '../files/private-folder.ts';
import type { Logger } from '../logger.ts';
import { rotateFiles } from './rotate-files.ts';

export interface AuditEntry {
  at: string;
  callId: string;
  /** The caller as it names itself. */
  caller: string;
  /** The inbox prefix that the caller wants its reply at; a claim, too. */
  inbox: string;
  correlationId?: string | undefined;
  /** W3C trace id, as in the log lines and spans of the call. */
  traceId?: string | undefined;
  server: string;
  tool: string;
  /** `ok` or an error code. */
  outcome: string;
  durationMs: number;
}

export interface AuditLog {
  record(entry: AuditEntry): void;
  close(): Promise<void>;
}

const bytesPerFile = 50 * 1024 * 1024;
/** Older files that are kept, `audit.jsonl.1` (the youngest) to `audit.jsonl.5`. */
const olderFiles = 5;
/** Characters of any text of an entry: nobody fills the log with one call. */
const textLength = 128;

interface AuditLogOptions {
  path: string;
  logger: Logger;
  /** So many lines more could not be written. */
  onLost?: (count: number) => void;
  /** Bytes after which a new file is begun. */
  maxBytes?: number;
}

/**
 * Appends in batches; a full file becomes `audit.jsonl.1`, and so on up to the oldest, which goes. A failed write never stops a
 * call; it is reported once, and again with the number of lost lines when writing works again.
 */
export async function openAuditLog({
  path,
  logger,
  onLost,
  maxBytes = bytesPerFile,
}: AuditLogOptions): Promise<AuditLog> {
  await ensurePrivateFolder(dirname(path));
  const queue = new SerialQueue();
  let size = await sizeOf(path);
  let pending: AuditEntry[] = [];
  let lost = 0;
  let isStuck = false;

  async function rotate(): Promise<void> {
    try {
      await rotateFiles(path, olderFiles);
      isStuck = false;
      logger.info('A new audit file is begun.', { kept: olderFiles });
    } catch (error) {
      // One file that grows is better than calls that nobody knows of.
      if (!isStuck) logger.error('The audit files cannot be renamed; the log goes on in one file.', codeOf(error));
      isStuck = true;
    }
    size = await sizeOf(path);
  }

  async function append(lines: readonly string[]): Promise<void> {
    const text = lines.join('');
    try {
      await appendFile(path, text, { mode: 0o600 });
      size += Buffer.byteLength(text);
      if (lost > 0) logger.warn('The audit log can be written again; some calls are missing in it.', { lost });
      lost = 0;
    } catch (error) {
      if (lost === 0) logger.error('The audit log cannot be written; calls go on without it.', codeOf(error));
      lost += lines.length;
      onLost?.(lines.length);
      // A full disk takes a part of a line, and the next one must not go on in the middle of it.
      await truncate(path, size).catch(() => undefined);
    }
  }

  async function flush(): Promise<void> {
    // Made here and not with each call, whose caller waits.
    const lines = pending.map(lineOf);
    pending = [];
    for (let from = 0; from < lines.length;) {
      if (size >= maxBytes) await rotate();
      // What came while the disk was slow may be more than one file takes.
      const room = isStuck ? Number.POSITIVE_INFINITY : maxBytes - size;
      const to = Math.max(fittingLines(lines, from, room), from + 1);
      await append(lines.slice(from, to));
      from = to;
    }
  }

  return {
    record(entry) {
      pending.push(entry);
      if (pending.length === 1)
        void queue.run(() => new Promise<void>((resolve) => setTimeout(resolve, 20)).then(flush));
    },
    async close() {
      await queue.run(flush);
    },
  };
}

/** The index behind the lines that have room. */
function fittingLines(lines: readonly string[], from: number, room: number): number {
  let bytes = 0;
  const full = lines.findIndex((line, index) => index >= from && (bytes += Buffer.byteLength(line)) > room);
  return full === -1 ? lines.length : full;
}

/** Caller, server and tool are in the caller's own words, and of any length. */
function lineOf(entry: AuditEntry): string {
  const told = (text: string): string => plainLine(text, textLength);
  const { callId, caller, inbox, correlationId, server, tool } = entry;
  const bounded: AuditEntry = {
    ...entry,
    callId: told(callId),
    caller: told(caller),
    inbox: told(inbox),
    correlationId: correlationId === undefined ? undefined : told(correlationId),
    server: told(server),
    tool: told(tool),
  };
  return `${JSON.stringify(bounded)}\n`;
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

function codeOf(error: unknown): { code: string | undefined } {
  return { code: (error as NodeJS.ErrnoException).code };
}
