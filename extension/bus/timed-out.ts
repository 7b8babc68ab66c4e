// What it means that no answer came: in time, or at all; pure.
import type { RequestName } from '../../shared/contract/contract.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { AnswerLost } from './answer-lost.ts';
import { BusClosed } from './bus-closed.ts';
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
  const action = lookAtAfter(name);
  const late = lateAnswer({ agent, url, seconds, isLost });
  if (isSent && action !== undefined) {
    const what = isLost
      ? 'The connection to the bus was lost meanwhile'
      : `The agent "${agent}" did not answer within ${seconds} s`;
    const message = `${what}; whether it was carried out is not known.`;
    return name === 'toolInvoke'
      ? new AnswerLost({ message, action, ofRead: late })
      : new BusUnreachableError({ code: isLost ? 'server_unavailable' : 'timeout', message, action, retryable: false });
  }
  return late;
}

function lookAtAfter(name: RequestName): string | undefined {
  return (lookAt as Partial<Record<RequestName, string>>)[name];
}

/** For a request that changes nothing, or was not sent. */
function lateAnswer({
  agent,
  url,
  seconds,
  isLost,
}: Pick<TimedOut, 'agent' | 'url' | 'isLost'> & { seconds: number }): BusUnreachableError {
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
export function agentGone(agent: string): AnswerLost {
  return new AnswerLost({
    message: `The agent "${agent}" is gone; whether the call was carried out is not known.`,
    action: lookAt.toolInvoke,
    ofRead: new BusUnreachableError({
      message: `The agent "${agent}" was lost before it answered.`,
      action: 'Try again once the agent is back.',
    }),
  });
}

/** This program went to another bus, or to none, while the request waited: nobody cancelled it. */
export function busLeft({
  name,
  agent,
  url,
  isSent,
  closed = new BusClosed(),
}: Pick<TimedOut, 'name' | 'agent' | 'url' | 'isSent'> & { closed?: BusClosed }): RockBotError {
  const action = lookAtAfter(name);
  if (action === undefined || (!isSent && name !== 'toolInvoke')) return closed;
  const what = `The bus at ${url} was left before the agent "${agent}" answered`;
  if (name !== 'toolInvoke') {
    const message = `${what}; whether it was carried out is not known.`;
    return new BusUnreachableError({ message, action, retryable: false, cause: closed });
  }
  const again = 'Try again once the agent that you want is connected.';
  if (!isSent) {
    const message = `The bus at ${url} was left before the call was sent; nothing was called.`;
    return new BusUnreachableError({ message, action: again, cause: closed });
  }
  return new AnswerLost({
    message: `${what}; whether the call was carried out is not known.`,
    action,
    ofRead: new BusUnreachableError({ message: `${what}.`, action: again, cause: closed }),
  });
}
