// Patrols in the test's own process: on a volume in memory, in simulated time, with servers that the test answers for.
import { createLogger } from '../../agent/logger.ts';
import type { PatrolCall, PatrolCallResult } from '../../agent/patrols/patrol-call.ts';
import { Patrols, type PatrolsOptions } from '../../agent/patrols/patrols.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { memoryFiles, type MemoryVolume } from './memory-files.ts';
import { SimulatedClock } from './simulated-clock.ts';

export type Answer = (call: PatrolCall, options: { signal: AbortSignal }) => Promise<PatrolCallResult>;

export interface PatrolDesk {
  patrols: Patrols;
  clock: SimulatedClock;
  volume: MemoryVolume;
  calls: PatrolCall[];
  /** Runs as they were told, oldest first. */
  told: PatrolRun[];
  log: string[];
  /** How the next calls are answered. */
  answer: Answer;
  isSignedIn: boolean;
  generation: number;
  /** What every write to the volume fails with. */
  failure: Error | undefined;
  write(patrols: object): Promise<void>;
  /** Runs it by hand, to its end. */
  run(patrol: string): Promise<PatrolRun>;
  lastRun(patrol: string): PatrolRun | undefined;
}

/** A text as a tool gives it, or a value as structured content. */
export function toolResult(value: unknown): PatrolCallResult {
  const result = { content: [], structuredContent: value };
  return { result, bytes: Buffer.byteLength(JSON.stringify(result)), failures: [] };
}

export interface PatrolDeskOptions {
  start?: number;
  volume?: MemoryVolume;
  patrols?: object;
  isSignedIn?: boolean;
  options?: Partial<PatrolsOptions>;
}

export async function openPatrolDesk({
  start = Date.parse('2027-03-01T07:59:30Z'),
  volume = new Map(),
  patrols: first,
  isSignedIn = true,
  options = {},
}: PatrolDeskOptions = {}): Promise<PatrolDesk> {
  const clock = new SimulatedClock(start);
  const desk: Omit<PatrolDesk, 'patrols'> = {
    clock,
    volume,
    calls: [],
    told: [],
    log: [],
    answer: async () => toolResult([]),
    isSignedIn,
    generation: 1,
    failure: undefined,
    write: (content) => patrols.configure(JSON.stringify({ patrols: content })),
    async run(patrol) {
      const { runId } = await patrols.run(patrol);
      for (let turn = 0; turn < 50; turn++) {
        const run = await patrols.record(runId);
        if (run.status !== 'running') return run;
        await clock.settle();
      }
      throw new Error('The run does not end.');
    },
    lastRun: (patrol) => patrols.list(patrol)[0]?.lastRun,
  };
  const patrols: Patrols = await Patrols.open({
    files: memoryFiles({ volume, failure: () => desk.failure }),
    call: async (call, { signal }) => {
      desk.calls.push(call);
      return desk.answer(call, { signal });
    },
    auth: () => ({
      status: desk.isSignedIn ? 'connected' : 'expired',
      generation: desk.generation,
      account: { id: 'a', username: 'adele@contoso.example', tenantId: 't' },
    }),
    clock,
    logger: createLogger({ level: 'info', write: (line) => void desk.log.push(line) }),
    onChange: ({ run }) => {
      if (run !== undefined) desk.told.push(run);
    },
    onEnd: () => undefined,
    ...options,
  });
  const opened = Object.assign(desk, { patrols });
  if (first !== undefined) await opened.write(first);
  return opened;
}
