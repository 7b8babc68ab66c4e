// The event of a call whose result this window does not have, made of what the log of calls knows; pure.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { Call } from './activity-log.ts';

/** Undefined while the call runs. */
export function eventOfCall({
  callId,
  server,
  tool,
  caller,
  startedAt,
  sideEffects,
  outcome,
}: Call): ToolResultEvent | undefined {
  const facts = { callId, server, tool, caller, startedAt: new Date(startedAt).toISOString() };
  switch (outcome.kind) {
    case 'running':
      return undefined;
    case 'lost':
      return {
        ...facts,
        durationMs: 0,
        ok: false,
        error: {
          message: 'This window did not hear how the call ended.',
          ...(sideEffects === 'read'
            ? { code: 'server_unavailable', retryable: true, action: 'Run it again if you still want its result.' }
            : {
                code: 'outcome_unknown',
                retryable: false,
                action: 'Look at the data itself before calling it again.',
              }),
        },
      };
    case 'ok':
      return { ...facts, durationMs: outcome.durationMs, ok: true };
    case 'failed':
      return {
        ...facts,
        durationMs: outcome.durationMs,
        ok: false,
        error: {
          code: outcome.code,
          message: outcome.message,
          retryable: false,
          ...(outcome.action !== undefined && { action: outcome.action }),
        },
      };
  }
}
