// `npm test`: static checks, build, and every suite; ends with `N passed, N failed` over all of it.
// Usage: npm test -- [suite or file …], for example `npm test -- unit` or `npm test -- test/integration/bridge.test.ts`.
import { glob } from 'node:fs/promises';
import { relative } from 'node:path';
import { run } from 'node:test';
import { checks } from './checks.ts';
import { runStep } from './run-step.ts';

const suites = ['unit', 'contract', 'architecture', 'integration', 'e2e', 'chaos'];
/** Milliseconds for one test file. */
const fileTimeoutMs = 15 * 60_000;
/** Files at once: waiting tests leave room for a working one. */
const concurrency = 2;
/** Takes minutes of waiting, so it runs beside all others. */
const longFile = 'lifetimes';

interface Tally {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
}

const wanted = process.argv.slice(2);
const tally: Tally = { passed: 0, failed: 0, skipped: [] };
const started = performance.now();

const steps = wanted.length === 0 ? checks : checks.filter(({ name }) => name === 'build');
for (const step of steps) tally[(await runStep(step)) ? 'passed' : 'failed']++;

const files = await testFiles();
if (files.length === 0) {
  console.error(`There are no tests for ${wanted.join(' ')}. The suites are: ${suites.join(', ')}.`);
  tally.failed++;
}
console.log(`${files.length} test files; the longest take minutes.`);
const isLong = (file: string): boolean => file.includes(longFile);
await Promise.all([
  runFiles(files.filter(isLong), 1),
  runFiles(
    files.filter((file) => !isLong(file)),
    concurrency,
  ),
]);

for (const { name, reason } of tally.skipped) console.log(`skipped: ${name}: ${reason}`);
console.log(`\nEverything took ${((performance.now() - started) / 1000).toFixed(0)} s.`);
const skipped = tally.skipped.length === 0 ? '' : `, ${tally.skipped.length} skipped`;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 ? 0 : 1;

async function testFiles(): Promise<string[]> {
  const asFiles = wanted.filter((name) => name.endsWith('.ts'));
  const asSuites = wanted.filter((name) => !name.endsWith('.ts'));
  const chosen = wanted.length === 0 ? suites : asSuites;
  const found: string[] = [...asFiles];
  for (const suite of chosen) for await (const file of glob(`test/${suite}/**/*.test.ts`)) found.push(file);
  return found;
}

async function runFiles(paths: string[], atOnce: number): Promise<void> {
  if (paths.length === 0) return;
  const stream = run({ files: paths, concurrency: atOnce, timeout: fileTimeoutMs });
  for await (const event of stream) {
    if (event.type === 'test:summary' && event.data.file !== undefined) reportFile(event.data.file, event.data);
    // What is fetched and which VS Code runs; elsewhere it is the noise of what is tested.
    if (event.type === 'test:stderr' && event.data.file.includes('/e2e/')) process.stderr.write(event.data.message);
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, file = '', details, skip } = event.data;
    // A suite, or a test with subtests, that failed only because of what is in it, is no failure of its own.
    const isSkipped = skip !== undefined && skip !== false;
    if (details.type === 'suite' && !isSkipped && (event.type === 'test:pass' || isOfSubtests(event.data.details)))
      continue;
    const path = relative(process.cwd(), file);
    if (isSkipped)
      tally.skipped.push({ name: `${path}: ${name}`, reason: typeof skip === 'string' ? skip : 'no reason given' });
    else if (event.type === 'test:pass') {
      tally.passed++;
    } else {
      tally.failed++;
      const error = 'error' in details ? details.error : undefined;
      console.log(`FAIL ${path}: ${name}\n${indent(describe(error))}`);
    }
  }
}

function isOfSubtests(details: object): boolean {
  const { error } = details as { error?: { failureType?: unknown } };
  return error?.failureType === 'subtestsFailed';
}

function reportFile(
  file: string,
  { counts, duration_ms: ms }: { counts: { passed: number; failed: number }; duration_ms: number },
): void {
  const failed = counts.failed === 0 ? '' : `, ${counts.failed} failed`;
  console.log(
    `${counts.failed === 0 ? 'ok  ' : 'FAIL'} ${relative(process.cwd(), file)}: ${counts.passed} passed${failed} (${(ms / 1000).toFixed(1)} s)`,
  );
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
