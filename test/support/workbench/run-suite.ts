// Runs the Mocha suite of test/workbench in the extension host of a real VS Code and returns what became of each test.
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { z } from 'zod';
import type { SuiteTest } from '../../workbench/main.ts';
import { vscodeForSuite } from './vscode-for-suite.ts';

export interface SuiteRun {
  /** Which VS Code it was, or why there was none. */
  description: string;
  ran: boolean;
  tests: SuiteTest[];
  /** What the suite and VS Code printed. */
  output: string;
  /** Why it ended otherwise than with a passed suite. */
  failure?: Error;
}

const repository = new URL('../../..', import.meta.url).pathname;
const suiteTest: z.ZodType<SuiteTest> = z.object({
  title: z.string(),
  state: z.enum(['passed', 'failed', 'skipped']),
  durationMs: z.number(),
  error: z.string().optional(),
});

/** The extension must be built. */
export async function runSuite(): Promise<SuiteRun> {
  const temporary = await mkdtemp(join(tmpdir(), 'rockbot-suite-'));
  try {
    const report = join(temporary, 'report.jsonl');
    await writeFile(report, '');
    const { description, vscodeExecutablePath } = await vscodeForSuite(temporary);
    if (vscodeExecutablePath === undefined) return { description, ran: false, tests: [], output: '' };
    const workspace = join(temporary, 'workspace');
    await mkdir(workspace);
    const printed: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        printed.push(String(chunk));
        done();
      },
    });
    const failure = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: repository,
      extensionTestsPath: await buildSuite(),
      launchArgs: [workspace, `--user-data-dir=${temporary}`, '--disable-telemetry'],
      extensionTestsEnv: { WORKBENCH_SUITE_REPORT: report },
      stdout: sink,
      stderr: sink,
    }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    const lines = (await readFile(report, 'utf8')).split('\n').filter(Boolean);
    const tests = lines.map((line) => suiteTest.parse(JSON.parse(line)));
    return { description, ran: true, tests, output: printed.join(''), ...(failure !== undefined && { failure }) };
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** CommonJS, as every extension host loads it; inside the repository, so that it finds Mocha. */
async function buildSuite(): Promise<string> {
  const outdir = join(repository, 'test-results', 'workbench-suite');
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: await Array.fromAsync(glob(join(repository, 'test/workbench/*.ts'))),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return join(outdir, 'main.cjs');
}
