// The calls that run, by id: each ends in time, can be cancelled, and has its id for itself; their requests together take so much
// memory and no more. It knows no server.
import type { Clock } from '../../shared/clock.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export interface RunningCallOptions {
  callId: string;
  /** For messages. */
  tool: string;
  timeoutMs: number;
  /** Bytes of the request, which stays in memory as long as the call. */
  requestBytes?: number | undefined;
  /** Ends the call with its reason, a RockBotError. */
  signal?: AbortSignal | undefined;
}

/** Bytes of the requests of all calls that run or wait for their turn. */
const maxRequestBytes = 128 * 1024 * 1024;
/** Small requests are let through whatever goes on. */
const smallBytes = 8 * 1024;

export class RunningCalls {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #running = new Map<string, AbortController>();
  #requestBytes = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** `deadline`: milliseconds since the epoch at which the signal aborts. Throws RockBotError for an id that is in use and for one request too many. */
  async run<T>(
    { callId, tool, timeoutMs, requestBytes = 0, signal }: RunningCallOptions,
    task: (options: { signal: AbortSignal; deadline: number }) => Promise<T>,
  ): Promise<T> {
    this.refuseDuplicate(callId);
    const heldBytes = requestBytes <= smallBytes ? 0 : requestBytes;
    if (heldBytes > 0 && this.#requestBytes + heldBytes > maxRequestBytes) throw tooMuch(tool);
    this.#requestBytes += heldBytes;
    const controller = new AbortController();
    const end = (): void => {
      controller.abort(signal?.reason);
    };
    signal?.addEventListener('abort', end, { once: true });
    using deadline = startDeadline(timeoutMs, { reason: () => timeOver(tool, timeoutMs), signal: controller.signal });
    this.#running.set(callId, controller);
    try {
      signal?.throwIfAborted();
      return await task({ signal: deadline.signal, deadline: this.#clock.now() + timeoutMs });
    } finally {
      signal?.removeEventListener('abort', end);
      this.#running.delete(callId);
      this.#requestBytes -= heldBytes;
    }
  }

  /** Throws RockBotError when a call with this id is running. Whoever tells of calls asks before: the id is that other call's. */
  refuseDuplicate(callId: string): void {
    if (!this.#running.has(callId)) return;
    throw new RockBotError({
      code: 'invalid_request',
      message: `A call with the id ${callId} is running already.`,
      action: 'Give each call an id of its own.',
    });
  }

  /** False when no such call was running. */
  cancel(callId: string): boolean {
    const controller = this.#running.get(callId);
    controller?.abort(
      new RockBotError({ code: 'cancelled', message: 'The call was cancelled.', action: 'Call again if you need it.' }),
    );
    return controller !== undefined;
  }

  cancelAll(message: string): void {
    for (const controller of this.#running.values())
      controller.abort(new RockBotError({ code: 'cancelled', message, action: 'Call again later.' }));
  }
}

function timeOver(tool: string, timeoutMs: number): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `"${tool}" did not answer within ${timeoutMs} ms.`,
    action: 'Ask for less, or give the call more time.',
  });
}

function tooMuch(tool: string): RockBotError {
  return new RockBotError({
    code: 'throttled',
    message: `The requests of the calls that are under way take ${maxRequestBytes / 1024 / 1024} MB already; "${tool}" was not sent.`,
    action: 'Try again later, or send less with each call.',
    retryAfterMs: 1_000,
    // Whether it may be sent again by a program depends on its tool, which nobody has looked at yet.
    retryable: false,
  });
}
