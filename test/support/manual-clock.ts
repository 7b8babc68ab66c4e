// A clock that a test sets: time passes only when it says so.
import type { Clock } from '../../shared/clock.ts';

export interface ManualClock extends Clock {
  /** Moves on by `ms` and wakes whoever slept that long, in the order of their times. */
  advance(ms: number): void;
  /** Milliseconds that each sleeper asked for, oldest first. */
  readonly sleeping: readonly number[];
}

interface Sleeper {
  until: number;
  asked: number;
  wake: () => void;
}

export function manualClock(start = Date.parse('2026-03-01T08:00:00Z')): ManualClock {
  let now = start;
  let sleepers: Sleeper[] = [];
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const sleeper: Sleeper = { until: now + ms, asked: ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            reject(signal.reason as Error);
          },
          { once: true },
        );
      }),
    advance(ms) {
      now += ms;
      const due = sleepers.filter(({ until }) => until <= now).sort((left, right) => left.until - right.until);
      sleepers = sleepers.filter(({ until }) => until > now);
      for (const { wake } of due) wake();
    },
    get sleeping() {
      return sleepers.map(({ asked }) => asked);
    },
  };
}
