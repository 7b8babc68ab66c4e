// Follows one run of a patrol to its end: by the agent's events, and by asking now and then, since an event can be lost.
import { abortable } from '../../shared/abort.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Bus } from '../bus.ts';

export interface RunWatch extends Disposable {
  /** Another run than the one that was asked for. */
  follow(runId: string): void;
  /** What was learnt of the run in another way. */
  heard(run: PatrolRun): void;
  onChange(listener: (run: PatrolRun) => void): void;
  /** Rejects with the signal's reason, or when the agent does not answer any more. */
  ended(signal: AbortSignal): Promise<PatrolRun>;
}

export interface FollowRunOptions {
  bus: Pick<Bus, 'request' | 'subscribe'>;
  runId: string;
  clock?: Clock;
}

const askEveryMs = 3_000;
const askTimeoutMs = 10_000;

/** To be called before the run starts, so that nothing of it is missed. */
export function followRun({ bus, runId, clock = systemClock }: FollowRunOptions): RunWatch {
  let followed = runId;
  let listener: (run: PatrolRun) => void = () => undefined;
  let settle: (run: PatrolRun) => void = () => undefined;
  const end = new Promise<PatrolRun>((resolve) => (settle = resolve));
  const heard = (run: PatrolRun): void => {
    if (run.runId !== followed) return;
    if (run.status === 'running') listener(run);
    else settle(run);
  };
  const stop = bus.subscribe('patrolChanged', ({ run }) => {
    if (run !== undefined) heard(run);
  });
  return {
    follow: (next) => (followed = next),
    heard,
    onChange: (next) => (listener = next),
    async ended(signal) {
      const over = new AbortController();
      const ask = async (): Promise<never> => {
        for (;;) {
          await clock.sleep(askEveryMs, over.signal);
          const { runs } = await bus.request(
            'patrolHistory',
            { runId: followed },
            { timeoutMs: askTimeoutMs, signal: over.signal },
          );
          runs.forEach(heard);
        }
      };
      try {
        return await abortable(Promise.race([end, ask()]), signal);
      } finally {
        over.abort();
      }
    },
    [Symbol.dispose]: stop,
  };
}
