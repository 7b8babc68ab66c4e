// `npm run bench`: measures the built product against its targets; prints a table and writes test-results/bench.json.
// A figure that misses its target is shown as such and never fails the run.
import { EventEmitter } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { measureCalls } from './calls.ts';
import { measureHandOff } from './hand-off.ts';
import { measureLanguage } from './language.ts';
import { measureValidation } from './language-validation.ts';
import type { Measure } from './measure.ts';
import { measureMemory } from './memory.ts';
import { renderTable } from './render-table.ts';
import { measureScale } from './scale.ts';
import { measureSoak } from './soak.ts';
import { measureStart } from './start.ts';
import { measureTokenPath } from './token-path.ts';
import { runStep } from '../run-step.ts';

const usage = `Usage: npm run bench -- [--quick] [--only <calls|token|hand-off|start|scale|memory|language|soak>]… [--compare <checkout>]

  --quick     fewer rounds, under a minute
  --only      one section; may be given several times. "soak" (200 000 calls) runs only when it is named
  --compare   lets the built agent and the requester of another checkout (its dist/ must be built) take turns with this one
  --no-build  measures dist/ as it is
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    compare: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

// The SDK's stdio transport adds a listener for every large message that waits.
EventEmitter.defaultMaxListeners = 64;

const folder = resolve(import.meta.dirname, '../..');
const { quick } = values;
const compare = values.compare === undefined ? undefined : resolve(values.compare);

const sections: Record<string, (stack: BenchStack) => Promise<Measure[]>> = {
  async calls(stack) {
    await using agent = await stack.startReadyAgent({ folder, name: 'bench' });
    await using compared =
      compare === undefined ? undefined : await stack.startReadyAgent({ folder: compare, name: 'compared' });
    return await measureCalls({ stack, agent, compared, rounds: quick ? 10 : 40 });
  },
  token: (stack) => measureTokenPath({ stack, folder, calls: 1_000_000 }),
  'hand-off': (stack) => measureHandOff({ stack, folder, runs: quick ? 3 : 9 }),
  start: (stack) => measureStart({ stack, folder, compare, runs: quick ? 6 : 25 }),
  scale: (stack) => measureScale({ stack, folder: compare ?? folder, quick }),
  memory: (stack) => measureMemory({ stack, folder: compare ?? folder, quick }),
  language: async () => [
    ...(await measureLanguage({ rounds: quick ? 20 : 100 })),
    ...measureValidation({ rounds: quick ? 20 : 100 }),
  ],
  soak: (stack) => measureSoak({ stack, folder: compare ?? folder, quick }),
};
/** Takes minutes, and says nothing that changes from day to day. */
const onDemand = 'soak';

if (values.help) process.stdout.write(usage);
else await run(values.only ?? Object.keys(sections).filter((name) => name !== onDemand));

async function run(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in sections));
  if (unknown.length > 0) {
    process.stderr.write(`There is no section ${unknown.join(', ')}.\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  if (!values['no-build'] && !(await runStep({ name: 'build', command: 'node', args: ['esbuild.mjs'] }))) return;
  const measures: Measure[] = [];
  const failures: { section: string; why: string }[] = [];
  {
    await using stack = await startBenchStack();
    for (const name of names) {
      const started = performance.now();
      try {
        measures.push(...((await sections[name]?.(stack)) ?? []));
      } catch (error) {
        failures.push({ section: name, why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
      process.stderr.write(`${name}: ${((performance.now() - started) / 1_000).toFixed(1)} s\n`);
    }
  }
  process.stdout.write(renderTable(measures));
  for (const { section, why } of failures)
    process.stderr.write(`\nThe section "${section}" could not be run: ${why}\n`);
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  await mkdir(join(folder, 'test-results'), { recursive: true });
  await writeFile(
    join(folder, 'test-results/bench.json'),
    `${JSON.stringify({ machine, quick, measures, failures }, undefined, 2)}\n`,
  );
}
