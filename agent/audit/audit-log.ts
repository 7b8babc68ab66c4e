// One line per call in audit.jsonl: who called which tool when with what outcome; never arguments or results.
import { appendFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { redactValue } from '../../shared/redaction.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { ensurePrivateFolder } from '../files/private-folder.ts';
import type { Logger } from '../logger.ts';

export interface AuditEntry {
  at: string;
  callId: string;
  /** The caller as it names itself. */
  caller: string;
  /** The caller's inbox prefix, which the bus ties to its user. */
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

const maxBytes = 50 * 1024 * 1024;

/**
 * Appends in batches; at 50 MB the file becomes `audit.jsonl.1`. A failed write never stops a call; it is reported once, and
 * again with the number of lost lines when writing works again.
 */
export async function openAuditLog({
  path,
  logger,
  onLost,
}: {
  path: string;
  logger: Logger;
  /** So many lines more could not be written. */
  onLost?: (count: number) => void;
}): Promise<AuditLog> {
  await ensurePrivateFolder(dirname(path));
  const queue = new SerialQueue();
  let size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  let pending: string[] = [];
  let lost = 0;
  async function flush(): Promise<void> {
    const lines = pending.join('');
    const count = pending.length;
    pending = [];
    if (lines === '') return;
    try {
      if (size > maxBytes) {
        await rename(path, `${path}.1`);
        size = 0;
      }
      await appendFile(path, lines, { mode: 0o600 });
      size += Buffer.byteLength(lines);
      if (lost > 0) logger.warn('The audit log can be written again; some calls are missing in it.', { lost });
      lost = 0;
    } catch (error) {
      if (lost === 0)
        logger.error('The audit log cannot be written; calls go on without it.', {
          code: (error as NodeJS.ErrnoException).code,
        });
      lost += count;
      onLost?.(count);
    }
  }
  return {
    record(entry) {
      // Caller, server and tool are in the caller's own words.
      pending.push(`${JSON.stringify(redactValue(entry))}\n`);
      if (pending.length === 1)
        void queue.run(() => new Promise<void>((resolve) => setTimeout(resolve, 20)).then(flush));
    },
    async close() {
      await queue.run(flush);
    },
  };
}
