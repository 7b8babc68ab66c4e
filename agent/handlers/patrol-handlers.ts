// Serves patrols: listing them, running one now, cancelling it, and the records of their runs.
import type { Clock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Handlers } from '../bus.ts';
import type { Patrols } from '../patrols/patrols.ts';

export interface PatrolHandlersOptions {
  /** Resolves when they are there. Rejects with a RockBotError. */
  patrols: () => Promise<Pick<Patrols, 'list' | 'problems' | 'run' | 'cancel' | 'history' | 'record'>>;
  audit: AuditLog;
  clock: Clock;
}

export function createPatrolHandlers({
  patrols,
  audit,
  clock,
}: PatrolHandlersOptions): Pick<Handlers, 'patrolList' | 'patrolRunNow' | 'patrolHistory'> {
  return {
    async patrolList({ patrol }) {
      const all = await patrols();
      return { patrols: all.list(patrol), problems: all.problems };
    },
    async patrolRunNow({ patrol, action, runId }, context) {
      const startedAt = clock.now();
      let outcome = 'ok';
      let callId = runId ?? crypto.randomUUID();
      try {
        const all = await patrols();
        const run = action === 'cancel' ? all.cancel(patrol, runId) : await all.run(patrol, runId);
        callId = run.runId;
        return { run };
      } catch (error) {
        outcome = toWireError(error).code;
        throw error;
      } finally {
        audit.record({
          at: new Date(startedAt).toISOString(),
          callId,
          caller: context.source,
          inbox: context.inbox,
          correlationId: context.correlationId,
          server: `patrol/${patrol.slice(0, 64)}`,
          tool: `patrol/${action}`,
          outcome,
          durationMs: clock.now() - startedAt,
        });
      }
    },
    async patrolHistory({ patrol, runId, limit, before }) {
      const all = await patrols();
      if (runId !== undefined) return { runs: [await all.record(runId)] };
      return { runs: await all.history({ patrol, limit, before: before === undefined ? undefined : instant(before) }) };
    },
  };
}

function instant(time: string): number {
  const at = Date.parse(time);
  if (!Number.isNaN(at)) return at;
  throw new RockBotError({
    code: 'invalid_request',
    message: '"before" is no time.',
    action: 'Write ISO 8601, such as 2027-03-01T08:00:00Z.',
  });
}
