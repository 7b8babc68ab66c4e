// Section "start": from spawning the built agent to its ready line, as a multiple of a bare Node in the same seconds.
// The volume is that of an agent that was signed in and killed, as after a restart.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startAgentProcess } from '../support/agent-process.ts';
import type { BenchStack } from './bench-stack.ts';
import { median, quartiles, type Measure } from './measure.ts';

export interface StartOptions {
  stack: BenchStack;
  folder: string;
  compare?: string | undefined;
  runs: number;
}

/** Milliseconds after which a started agent has surely written what it keeps for the next start. */
const settleMs = 500;

export async function measureStart({ stack, folder, compare, runs }: StartOptions): Promise<Measure[]> {
  const dataDir = join(stack.scratch, 'start');
  {
    await using agent = await stack.startReadyAgent({ folder, name: 'bench-start' });
    await cp(agent.process.dataDir, dataDir, { recursive: true });
    await rm(join(dataDir, 'agent.lock'), { recursive: true, force: true });
  }
  const timed = async (program: string, cache: string, { settle = false } = {}): Promise<number> => {
    const started = performance.now();
    const agent = await startAgentProcess({
      busUrl: stack.busUrl,
      dataDir,
      program,
      env: { ...stack.agentEnv, Agent__Name: 'bench-start', NODE_COMPILE_CACHE: cache },
    });
    const took = performance.now() - started;
    if (settle) await new Promise((resolve) => setTimeout(resolve, settleMs));
    // What is kept for the next start must not depend on an orderly end.
    agent.child.kill(settle ? 'SIGKILL' : 'SIGTERM');
    await agent.child.exited;
    await rm(join(dataDir, 'agent.lock'), { recursive: true, force: true });
    return took;
  };
  const subjects = [
    { id: 'ours', name: '', program: join(folder, 'dist/agent.cjs') },
    ...(compare === undefined
      ? []
      : [{ id: 'other', name: ' (the compared checkout)', program: join(compare, 'dist/agent.cjs') }]),
  ].map(
    (subject) => ({ ...subject, cache: join(stack.scratch, `compiled-${subject.id}`), warm: [], cold: [] }) as Subject,
  );
  for (const { program, cache } of subjects) await timed(program, cache, { settle: true });

  const bare: number[] = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await bareNode());
    for (const subject of subjects) {
      subject.warm.push(await timed(subject.program, subject.cache));
      const empty = join(stack.scratch, `cold-${subject.id}-${run}`);
      await mkdir(empty);
      subject.cold.push(await timed(subject.program, empty));
    }
  }
  return [
    { id: 'start.bare', title: 'node -e 0', value: median(bare), spread: quartiles(bare), unit: 'ms' },
    ...subjects.flatMap(({ id, name, warm, cold }) => [
      ...startMeasures(`start.${id}.warm`, `Start to ready, compile cache warm${name}`, warm, bare, { atMost: 6 }),
      ...startMeasures(`start.${id}.cold`, `Start to ready, first time on a machine${name}`, cold, bare),
    ]),
  ];
}

interface Subject {
  id: string;
  name: string;
  program: string;
  cache: string;
  warm: number[];
  cold: number[];
}

function startMeasures(
  id: string,
  title: string,
  took: number[],
  bare: number[],
  target?: Measure['target'],
): Measure[] {
  const ratios = took.map((value, run) => value / (bare[run] ?? value));
  return [
    { id: `${id}.ms`, title, value: median(took), spread: quartiles(took), unit: 'ms' },
    {
      id: `${id}.ratio`,
      title: `${title}, against bare Node`,
      value: median(ratios),
      spread: quartiles(ratios),
      unit: 'x',
      ...(target !== undefined && { target }),
    },
  ];
}

async function bareNode(): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - started;
}
