// Section "memory": resident memory of the built agent, idle with ten servers and after load.
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchStack } from './bench-stack.ts';
import { openAgentPath } from './call-paths.ts';
import { callInCrowd } from './crowd.ts';
import type { Measure } from './measure.ts';
import { payloadOf } from './payload.ts';
import { residentMegabytes } from './resident-memory.ts';

export async function measureMemory({
  stack,
  folder,
  quick,
}: {
  stack: BenchStack;
  folder: string;
  quick: boolean;
}): Promise<Measure[]> {
  await using agent = await stack.startReadyAgent({ folder, name: 'bench-memory', servers: 10 });
  const { pid } = agent.process.child;
  const path = openAgentPath(agent);
  const load = (callers: number, calls: number, payload: string): Promise<void> =>
    callInCrowd({ callers, calls, call: () => path.call(payload) });
  const measures: Measure[] = [];
  const measure = async (id: string, title: string, target?: Measure['target']): Promise<void> => {
    const value = await residentMegabytes(pid);
    measures.push({ id: `memory.${id}`, title, value, unit: 'MB', ...(target !== undefined && { target }) });
  };
  // What is measured is what an agent left alone comes to; nothing tells that it has.
  const settle = (): Promise<void> => delay(quick ? 3_000 : 15_000);

  await settle();
  await measure('idle', 'Memory idle, 10 connected servers', { atMost: 130 });
  await load(64, quick ? 10_000 : 40_000, payloadOf(1024));
  await measure('after64', 'Memory after 64 callers at 1 kB');
  await load(16, quick ? 160 : 640, payloadOf(256 * 1024));
  await measure('after16', 'Memory after 16 callers at 256 kB');
  await settle();
  await measure('idleAgain', 'Memory idle again');
  return measures;
}
