// Section "hand-off": from sealing the consent to the agent's receipt, and to the first answer of a tool, each time with a
// fresh agent that has loaded nothing yet.
import type { BenchStack } from './bench-stack.ts';
import { median, quartiles, type Measure } from './measure.ts';

export async function measureHandOff({
  stack,
  folder,
  runs,
}: {
  stack: BenchStack;
  folder: string;
  runs: number;
}): Promise<Measure[]> {
  const receipts: number[] = [];
  const answers: number[] = [];
  const later: number[] = [];
  for (let run = 0; run < runs; run++) {
    await using agent = await stack.startAgent({ folder, name: `bench-hand-off-${run}` });
    const handOff = async (): Promise<{ started: number; took: number }> => {
      let started = 0;
      await agent.connect((step) => {
        if (step === 'sealing') started = performance.now();
      });
      return { started, took: performance.now() - started };
    };
    const { started, took } = await handOff();
    receipts.push(took);
    await agent.bus.request('toolInvoke', { callId: 'first', tool: 'echo', arguments: { payload: 'hello' } });
    answers.push(performance.now() - started);
    later.push((await handOff()).took);
  }
  const measure = (id: string, title: string, values: number[], target?: Measure['target']): Measure => ({
    id: `handOff.${id}`,
    title,
    value: median(values),
    spread: quartiles(values),
    unit: 'ms',
    ...(target !== undefined && { target }),
  });
  return [
    measure('receipt', 'Hand-off to receipt, first one of an agent', receipts, { atMost: 300 }),
    measure('firstAnswer', 'Hand-off to the first answer of a tool', answers),
    measure('laterReceipt', 'Hand-off to receipt, a later one', later),
  ];
}
