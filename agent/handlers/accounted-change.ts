// What is left behind by whoever changes servers over the bus: a line in the log and one in the audit log, since an entry decides
// where the account's bearer goes. It changes nothing itself.
import type { Clock } from '../../shared/clock.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { plainLine } from '../../shared/plain-text.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { RequestContext } from '../bus/answer-request.ts';
import type { Logger } from '../logger.ts';
import type { WrittenMcpFile } from '../mcp-file/mcp-file.ts';

export interface ChangeLogs {
  audit: Pick<AuditLog, 'record'>;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}

interface Change {
  action: 'register' | 'unregister' | 'write';
  name: string;
  context: RequestContext;
}

/** Settles as `perform` does. */
export async function accounted<Result>(
  logs: ChangeLogs,
  change: Change,
  perform: () => Promise<Result>,
): Promise<Result> {
  const startedAt = logs.clock.now();
  try {
    const result = await perform();
    account(logs, { ...change, startedAt, outcome: 'ok' });
    return result;
  } catch (error) {
    account(logs, { ...change, startedAt, outcome: toWireError(error).code });
    throw error;
  }
}

/** Lines of one write; a file of whatever length does not fill the audit log. */
const maxWriteLines = 100;

/** One line for each server that it changed, so that both logs say who changed which; else one of the file. */
export async function accountedWrite(
  logs: ChangeLogs,
  context: RequestContext,
  perform: () => Promise<WrittenMcpFile>,
): Promise<WrittenMcpFile> {
  const startedAt = logs.clock.now();
  const change = { action: 'write', context, startedAt } as const;
  try {
    const written = await perform();
    const { added, changed, removed } = written.applied;
    const names = [...added, ...changed, ...removed];
    for (const name of names.length === 0 ? [wholeFile] : names.slice(0, maxWriteLines))
      account(logs, { ...change, name, outcome: 'ok' });
    return written;
  } catch (error) {
    account(logs, { ...change, name: wholeFile, outcome: toWireError(error).code });
    throw error;
  }
}

/** No name of a server. */
const wholeFile = '(mcp.json)';

function account(
  { audit, clock, logger }: ChangeLogs,
  { action, name, context, startedAt, outcome }: Change & { startedAt: number; outcome: string },
): void {
  // In the caller's own words, and of any length.
  const server = plainLine(name, 128);
  const { source, inbox, correlationId } = context;
  audit.record({
    at: new Date(startedAt).toISOString(),
    callId: crypto.randomUUID(),
    caller: source,
    inbox,
    correlationId,
    server,
    tool: `mcp/${action}`,
    outcome,
    durationMs: clock.now() - startedAt,
  });
  const what = outcome === 'ok' ? 'A server was changed over the bus.' : 'A change of a server over the bus failed.';
  logger.info(what, { action, server, source, inbox, correlationId, outcome });
}
