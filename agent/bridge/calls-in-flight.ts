// What runs in one session, so that a question of the server can be told apart by the call it belongs to. It sends nothing.

export interface CallOrigin {
  callId: string;
  /** As the caller names itself. */
  caller?: string | undefined;
  /** Milliseconds since the epoch at which the call ends. */
  deadline: number;
}

export interface RunningCall {
  /** Undefined for what is no call of a tool. */
  origin: CallOrigin | undefined;
  ended: AbortSignal;
}

/** To whom something belongs that came while calls were running. */
export interface Belonging {
  /** When exactly one call was running, or the message came in its own stream. */
  origin: CallOrigin | undefined;
  /** Milliseconds since the epoch; undefined when nothing was running. */
  deadline: number | undefined;
  /** Aborts when the last of those calls has ended; undefined when nothing was running. */
  ended: AbortSignal | undefined;
}

export class CallsInFlight {
  readonly #running = new Set<RunningCall>();

  get size(): number {
    return this.#running.size;
  }

  async run<T>(origin: CallOrigin | undefined, task: (call: RunningCall) => Promise<T>): Promise<T> {
    const call = new CallInFlight(origin);
    this.#running.add(call);
    try {
      return await task(call);
    } finally {
      this.#running.delete(call);
      call.end();
    }
  }

  /** `known`: the call in whose own stream it came. */
  belonging(known?: RunningCall): Belonging {
    const calls = known === undefined ? [...this.#running] : [known];
    const [first] = calls;
    if (first === undefined) return { origin: undefined, deadline: undefined, ended: undefined };
    const deadlines = calls.map(({ origin }) => origin?.deadline);
    return {
      origin: calls.length === 1 ? first.origin : undefined,
      deadline: deadlines.some((deadline) => deadline === undefined) ? undefined : Math.max(...(deadlines as number[])),
      ended: calls.length === 1 ? first.ended : allEnded(calls.map(({ ended }) => ended)),
    };
  }
}

class CallInFlight implements RunningCall {
  readonly origin: CallOrigin | undefined;
  /** Made for those who ask for it: of most calls nobody does. */
  #controller: AbortController | undefined;
  #isOver = false;

  constructor(origin: CallOrigin | undefined) {
    this.origin = origin;
  }

  get ended(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort();
    return this.#controller.signal;
  }

  end(): void {
    this.#isOver = true;
    this.#controller?.abort();
  }
}

function allEnded(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  let left = signals.length;
  const end = (): void => {
    if (--left === 0) controller.abort();
  };
  for (const signal of signals) {
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }
  return controller.signal;
}
