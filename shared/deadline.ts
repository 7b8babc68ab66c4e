// Bounds of time for work that cannot end by itself; every timer goes with the work it bounds.
/// <reference lib="esnext.disposable" />
import { abortable } from './abort.ts';

export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

export interface DeadlineOptions {
  /** What the signal aborts with when the time is over; made only then. */
  reason: () => unknown;
  /** Ends it earlier, with its own reason. */
  signal?: AbortSignal | undefined;
}

/** A signal that aborts after `ms`; disposed of, it neither aborts any more nor holds anything. */
export function startDeadline(ms: number, { reason, signal }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(reason());
  }, ms);
  const end = (): void => {
    controller.abort(signal?.reason);
  };
  if (signal?.aborted === true) end();
  else signal?.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    },
  };
}

/** Waits until `work` has ended, well or not, at most `ms`; it goes on after that. Never rejects. */
export async function endedWithin(ms: number, work: Promise<unknown>): Promise<void> {
  using deadline = startDeadline(ms, { reason: () => undefined });
  await abortable(work, deadline.signal).catch(() => undefined);
}
