// Runs one client scenario of the official MCP conformance suite against the bridge and reads what it found. It knows neither the
// scenarios nor what is expected of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

export interface ScenarioOutcome {
  /** The suite's own verdict. */
  isPassed: boolean;
  passed: number;
  /** Ids of the checks, as often as they failed. */
  failed: string[];
  warned: string[];
  /** What the suite and the client under it printed. */
  output: string;
}

const client = fileURLToPath(import.meta.resolve('./client.ts'));
const suiteFolder = dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json')));
/** Milliseconds; each is done in one or two seconds on an idle machine. */
const clientTimeoutMs = 40_000;
const suiteTimeoutMs = 60_000;

const packageSchema = z.object({ version: z.string(), bin: z.object({ conformance: z.string() }) });
const checksSchema = z.array(z.looseObject({ id: z.string(), status: z.string() }));

const suitePackage = packageSchema.parse(JSON.parse(await readFile(join(suiteFolder, 'package.json'), 'utf8')));

export const suiteVersion = suitePackage.version;

/** Every client scenario of the installed version, in the suite's order. */
export async function listScenarios(): Promise<string[]> {
  const { output } = await runSuite(['list', '--client']);
  return [...output.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name ?? '');
}

export async function runScenario(name: string): Promise<ScenarioOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-conformance-'));
  try {
    // Relative to the folder it runs in: the suite splits the command at its blanks.
    const command = ['--command', `node ${basename(client)}`, '--scenario', name, '--timeout', String(clientTimeoutMs)];
    const { output, code } = await runSuite(['client', ...command, '--output-dir', folder]);
    const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('checks.json'));
    const [file] = files;
    if (file === undefined) throw new Error(`${name} has left no result:\n${output}`);
    const checks = checksSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    const idsOf = (status: string): string[] => checks.filter((check) => check.status === status).map(({ id }) => id);
    return {
      isPassed: code === 0,
      passed: idsOf('SUCCESS').length,
      failed: idsOf('FAILURE'),
      warned: idsOf('WARNING'),
      output,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runSuite(args: readonly string[]): Promise<{ output: string; code: number | null }> {
  const child = spawn(process.execPath, [join(suiteFolder, suitePackage.bin.conformance), ...args], {
    cwd: dirname(client),
    // No proxy, and nothing of the test runner or of this machine's product.
    env: { PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`, HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the client ends with it.
    detached: true,
  });
  const end = (): void => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(end, suiteTimeoutMs);
  process.once('exit', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  process.off('exit', end);
  return { output, code };
}
