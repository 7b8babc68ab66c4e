// Has the agent look at itself, and what it means when it does not; it knows none of the findings that come of it.
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import type { ReplyOf } from '../../shared/contract/contract.ts';
import { finding } from '../../shared/doctor/finding.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Bus } from '../bus.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import { checkClock } from './check-agent.ts';

/** What costs something: a new token from Entra, one call to each Work IQ server. */
export interface Ask {
  refresh: boolean;
  probe: boolean;
}

/** Milliseconds that a look of the agent at itself may take, and one with calls to every server. */
const lookMs = 45_000;
const checkMs = 120_000;

export interface AgentLook {
  reply: ReplyOf<'agentLook'>;
  /** Milliseconds since the epoch, of this clock. */
  receivedAt: number;
  tookMs: number;
}

/** What costs something is asked with the right to do so; a look alone with that of everybody. Rejects as the bus does. */
export async function lookAtItself(
  bus: Bus,
  { ask, clock, signal }: { ask: Ask; clock: Pick<Clock, 'now'>; signal: AbortSignal },
): Promise<AgentLook> {
  const startedAt = clock.now();
  const reply =
    ask.refresh || ask.probe
      ? await bus.request('agentCheck', { ...ask }, { signal, timeoutMs: checkMs })
      : await bus.request('agentLook', {}, { signal, timeoutMs: lookMs });
  const receivedAt = clock.now();
  return { reply, receivedAt, tookMs: receivedAt - startedAt };
}

/** The agent writes its time at the very end, so the answer has only just been sent. */
export function checkAgentClock({ reply, receivedAt, tookMs }: AgentLook): Finding {
  const at = Date.parse(reply.clock);
  if (Number.isNaN(at)) return finding('agent.clock', 'skipped', 'The agent does not tell its time.');
  return checkClock({ aheadMs: receivedAt - at, tookMs: Math.min(tookMs, 2_000) });
}

export function unlooked(error: RockBotError, ask: Ask): Finding {
  const asked = ask.refresh || ask.probe;
  if (error.code === 'forbidden')
    return finding('agent.checks', asked ? 'failed' : 'warning', error.message, {
      fault: 'permission',
      action: error.action,
    });
  if (error instanceof BusUnreachableError && error.trouble === 'no_agent')
    return finding('agent.checks', asked ? 'failed' : 'warning', 'This agent does not look at itself.', {
      action: 'Have the operator update it, and allow it agent.look and agent.check in the accounts of the bus.',
    });
  return finding('agent.checks', 'failed', error.message, { action: error.action });
}
