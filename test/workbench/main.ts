// The entry that VS Code calls in the extension host: runs every Mocha file beside it and writes one JSON line per test to the file
// named by WORKBENCH_SUITE_REPORT.
import { appendFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A line of the report. */
export interface SuiteTest {
  title: string;
  state: 'passed' | 'failed' | 'skipped';
  durationMs: number;
  /** The stack of the failure. */
  error?: string;
}

/** A loaded machine takes its time. */
const testTimeoutMs = 30_000;

/** @throws when a test failed or there was none. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'bdd', timeout: testTimeoutMs, reporter: 'spec', color: false });
  for (const name of await readdir(__dirname)) if (name.endsWith('.mocha.cjs')) mocha.addFile(join(__dirname, name));
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    if (runner.total === 0) resolve(1);
    runner
      .on('pass', (test) => {
        report({ title: test.fullTitle(), state: 'passed', durationMs: test.duration ?? 0 });
      })
      .on('pending', (test) => {
        report({ title: test.fullTitle(), state: 'skipped', durationMs: 0 });
      })
      .on('fail', (test, error: Error) => {
        const text = error.stack ?? String(error);
        report({ title: test.fullTitle(), state: 'failed', durationMs: test.duration ?? 0, error: text });
      });
  });
  if (failures > 0) throw new Error(`${failures} tests failed in the extension host.`);
}

function report(test: SuiteTest): void {
  const file = process.env['WORKBENCH_SUITE_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(test)}\n`);
}
