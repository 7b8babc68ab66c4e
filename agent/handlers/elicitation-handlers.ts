// Serves the answers to questions of MCP servers, with an audit line for each: who answered, never what.
import type { Clock } from '../../shared/clock.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Elicitations } from '../bridge/elicitations.ts';
import type { Handlers } from '../bus.ts';

export interface ElicitationHandlersOptions {
  elicitations: Pick<Elicitations, 'answer' | 'serverOf'>;
  audit: AuditLog;
  clock: Clock;
}

export function createElicitationHandlers({
  elicitations,
  audit,
  clock,
}: ElicitationHandlersOptions): Pick<Handlers, 'elicitationAnswer'> {
  return {
    async elicitationAnswer({ elicitationId, action, content }, context) {
      const server = elicitations.serverOf(elicitationId) ?? '';
      const record = (outcome: string): void => {
        audit.record({
          at: new Date(clock.now()).toISOString(),
          callId: elicitationId,
          caller: context.source,
          inbox: context.inbox,
          correlationId: context.correlationId,
          server,
          tool: `elicitation/${action}`,
          outcome,
          durationMs: 0,
        });
      };
      try {
        elicitations.answer(elicitationId, { action, ...(content !== undefined && { content }) });
      } catch (error) {
        record(toWireError(error).code);
        throw error;
      }
      record('ok');
      return { elicitationId, accepted: true };
    },
  };
}
