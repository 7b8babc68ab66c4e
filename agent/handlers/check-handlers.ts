// Serves the looks at the agent itself. What costs something, or asks Entra for a token, is for those alone who may call tools:
// it has a subject of its own.
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import type { AgentDoctor, Look } from '../checks/agent-doctor.ts';
import type { Handlers } from '../bus.ts';
import type { RequestContext } from '../bus/answer-request.ts';
import type { RunCall } from '../call-runner.ts';
import type { Logger } from '../logger.ts';
import { payerOf } from './payer-of.ts';

export interface CheckHandlersOptions {
  about: { agent: string; instance: string; version: string };
  doctor: Pick<AgentDoctor, 'look'>;
  runCall: RunCall;
  /** Lets whoever asks hear a heartbeat now and not in some seconds. */
  beat: () => void;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}

/** How its calls are told and accounted for. */
const caller = 'doctor';
/** Milliseconds for one call. */
const probeTimeoutMs = 30_000;

export function createCheckHandlers(options: CheckHandlersOptions): Pick<Handlers, 'agentLook' | 'agentCheck'> {
  const { about, doctor, beat, clock, logger } = options;
  const answered = async (look: Look) => {
    beat();
    const findings: Finding[] = await doctor.look(look);
    return { ...about, clock: new Date(clock.now()).toISOString(), findings };
  };
  return {
    agentLook: () => answered({ refresh: false, probe: undefined }),
    agentCheck: async ({ refresh = false, probe = false }, context) => {
      const { source, inbox } = context;
      if (refresh || probe) logger.info('The agent was asked to check itself.', { source, inbox, refresh, probe });
      return answered({ refresh, probe: probe ? prober(options, context) : undefined });
    },
  };
}

function prober({ runCall }: CheckHandlersOptions, context: RequestContext): NonNullable<Look['probe']> {
  return ({ server, tool, arguments: args }) =>
    runCall(
      {
        callId: crypto.randomUUID(),
        // Whoever asks pays for it out of the own budget.
        caller: payerOf(context),
        server,
        tool,
        arguments: args,
        timeoutMs: probeTimeoutMs,
      },
      { source: caller, inbox: context.inbox, correlationId: context.correlationId, toldResult: untold },
    );
}

/** Nobody asked for what the account is called or has. */
function untold(): never {
  throw new Error('Not told.');
}
