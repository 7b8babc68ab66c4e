// Section "soak": what the built agent's memory comes to over very many calls; a leak of 100 bytes a call shows as 20 MB.
import type { BenchStack } from './bench-stack.ts';
import { openAgentPath } from './call-paths.ts';
import { callInCrowd } from './crowd.ts';
import type { Measure } from './measure.ts';
import { payloadOf } from './payload.ts';
import { residentMegabytes } from './resident-memory.ts';

const callers = 16;
const stages = 10;
/** Milliseconds between looks at the heap; the least one of a stage is what a collection left over. */
const lookEveryMs = 250;

export async function measureSoak({
  stack,
  folder,
  quick,
}: {
  stack: BenchStack;
  folder: string;
  quick: boolean;
}): Promise<Measure[]> {
  const callsPerStage = quick ? 2_000 : 20_000;
  await using agent = await stack.startReadyAgent({ folder, name: 'bench-soak' });
  const { httpPort, child } = agent.process;
  const path = openAgentPath(agent);
  const payload = payloadOf(1024);

  const stage = async (): Promise<{ rss: number; heap: number }> => {
    let heap = Number.POSITIVE_INFINITY;
    const over = new AbortController();
    const looking = (async () => {
      do {
        heap = Math.min(heap, await usedHeap(httpPort));
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      } while (!over.signal.aborted);
    })();
    await callInCrowd({ callers, calls: callsPerStage, call: () => path.call(payload) });
    over.abort();
    await looking;
    return { rss: await residentMegabytes(child.pid), heap };
  };

  const measures: Measure[] = [
    { id: 'soak.rss.0', title: 'Memory before the first call', value: await residentMegabytes(child.pid), unit: 'MB' },
  ];
  const seen: { rss: number; heap: number }[] = [];
  for (let index = 1; index <= stages; index++) {
    const calls = index * callsPerStage;
    const now = await stage();
    seen.push(now);
    const after = `after ${(calls / 1_000).toFixed(0)} 000 calls`;
    measures.push(
      { id: `soak.rss.${calls}`, title: `Memory ${after}`, value: now.rss, unit: 'MB' },
      { id: `soak.heap.${calls}`, title: `Least heap in the stage, ${after}`, value: now.heap, unit: 'MB' },
    );
  }
  // The first stages fill caches and let the heap find its size.
  const settled = seen.slice(1, 4);
  const last = seen.slice(-3);
  const growth = (of: 'rss' | 'heap'): number =>
    Math.min(...last.map((each) => each[of])) - Math.min(...settled.map((each) => each[of]));
  measures.push(
    {
      id: 'soak.growth.rss',
      title: 'Growth of memory, last three stages',
      value: growth('rss'),
      unit: 'MB',
      target: { atMost: 15 },
    },
    {
      id: 'soak.growth.heap',
      title: 'Growth of the least heap',
      value: growth('heap'),
      unit: 'MB',
      target: { atMost: 3 },
    },
  );
  return measures;
}

/** Megabytes, as the agent itself counts them. */
async function usedHeap(httpPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1]) / 1024 / 1024;
}
