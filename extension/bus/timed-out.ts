// What it means that no answer came in time; pure.
import type { RequestName } from '../../shared/contract/contract.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { BusUnreachableError } from './bus-unreachable.ts';

export interface TimedOut {
  name: RequestName;
  agent: string;
  url: string;
  timeoutMs: number;
  /** Whether the request left this program. */
  isSent: boolean;
  /** Whether the connection to the bus is down. */
  isLost: boolean;
}

/** What can look at whether it was carried out, for the requests that must not just be sent again. */
const lookAt = {
  authCache: 'Look at the state of the connection before you sign in again.',
  authDisconnect: 'Look at the state of the connection before you disconnect again.',
  toolInvoke: 'Look at the data itself before calling it again.',
} satisfies Partial<Record<RequestName, string>>;

export function timedOut({ name, agent, url, timeoutMs, isSent, isLost }: TimedOut): RockBotError {
  const seconds = Math.round(timeoutMs / 100) / 10;
  const action = (lookAt as Partial<Record<RequestName, string>>)[name];
  if (isSent && action !== undefined) {
    const what = isLost
      ? 'The connection to the bus was lost meanwhile'
      : `The agent "${agent}" did not answer within ${seconds} s`;
    const message = `${what}; whether it was carried out is not known.`;
    return name === 'toolInvoke'
      ? new RockBotError({ code: 'outcome_unknown', message, action })
      : new BusUnreachableError({ code: isLost ? 'server_unavailable' : 'timeout', message, action, retryable: false });
  }
  if (isLost) {
    return new BusUnreachableError({
      message: `The connection to the bus at ${url} was lost and did not come back within ${seconds} s.`,
      action: 'Check the bus and the network, then try again.',
    });
  }
  return new BusUnreachableError({
    code: 'timeout',
    message: `The agent "${agent}" did not answer within ${seconds} s.`,
    action: 'Try again; if it stays so, look at the agent, or allow more time.',
  });
}

/** The agent ended while a call was running there. */
export function agentGone(agent: string): RockBotError {
  return new RockBotError({
    code: 'outcome_unknown',
    message: `The agent "${agent}" is gone; whether the call was carried out is not known.`,
    action: lookAt.toolInvoke,
  });
}
