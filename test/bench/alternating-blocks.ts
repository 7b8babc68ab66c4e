// Times several ways of doing the same in short blocks that take turns, so that a machine that is slow for a while is slow
// for all of them. It knows no MCP and no bus.
import { callInCrowd } from './crowd.ts';
import { median, quartiles } from './measure.ts';

export interface BlockOptions {
  /** One call each; rejects when the answer is wrong. */
  paths: ReadonlyMap<string, () => Promise<void>>;
  /** All others are compared with this one. */
  baseline: string;
  /** Calls under way at the same time. */
  callers: number;
  callsPerBlock: number;
  rounds: number;
  /** Rounds before the ones that count, until the compilers of all processes have done their work. */
  warmUpRounds: number;
}

export interface PathTiming {
  /** Milliseconds of one call, the median over all blocks of the block's median. */
  p50: number;
  callsPerSecond: number;
  /** Time of one call against the baseline's in the same round; the median over the rounds. */
  latencyRatio: Spread;
  /** The same of the time that a block takes in all, which is what counts with many callers. */
  timeRatio: Spread;
}

export interface Spread {
  median: number;
  quartiles: readonly [number, number];
}

interface Block {
  p50: number;
  perCall: number;
}

/** By name of the path. */
export async function timeInTurns(options: BlockOptions): Promise<Map<string, PathTiming>> {
  const paths = [...options.paths];
  const blocks = new Map<string, Block[]>(paths.map(([name]) => [name, []]));
  for (let round = -options.warmUpRounds; round < options.rounds; round++) {
    // Both orders, so that nobody always runs into the garbage of the same neighbour.
    for (const [name, call] of round % 2 === 0 ? paths : paths.toReversed()) {
      const block = await runBlock(call, options);
      if (round >= 0) blocks.get(name)?.push(block);
    }
  }
  const baseline = blocks.get(options.baseline) ?? [];
  return new Map([...blocks].map(([name, own]) => [name, timingOf(own, baseline)]));
}

function timingOf(own: readonly Block[], baseline: readonly Block[]): PathTiming {
  const ratios = (of: (block: Block) => number): Spread => {
    const values = own.map((block, round) => of(block) / of(baseline[round] ?? block));
    return { median: median(values), quartiles: quartiles(values) };
  };
  return {
    p50: median(own.map(({ p50 }) => p50)),
    callsPerSecond: 1_000 / median(own.map(({ perCall }) => perCall)),
    latencyRatio: ratios(({ p50 }) => p50),
    timeRatio: ratios(({ perCall }) => perCall),
  };
}

async function runBlock(
  call: () => Promise<void>,
  { callers, callsPerBlock }: { callers: number; callsPerBlock: number },
): Promise<Block> {
  const latencies: number[] = [];
  const started = performance.now();
  await callInCrowd({
    callers,
    calls: callsPerBlock,
    call: async () => {
      const before = performance.now();
      await call();
      latencies.push(performance.now() - before);
    },
  });
  return { p50: median(latencies), perCall: (performance.now() - started) / latencies.length };
}
