// Runs the rockbot command line as a child process, as a shell would, and lets a test watch and signal it.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** From source, unless ROCKBOT_TEST_CLI names a bundle. */
const defaultProgram =
  process.env['ROCKBOT_TEST_CLI'] ?? new URL('../../extension/cli/main.ts', import.meta.url).pathname;

export interface CliOptions {
  env?: Record<string, string>;
  /** Given to stdin, which is then closed. */
  stdin?: string;
  cwd?: string;
  /** Instead of the source, for example the built bundle. */
  program?: string;
  /** Milliseconds after which it is killed. */
  timeoutMs?: number;
}

export interface CliExit {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<CliExit>;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the first match in what was printed so far or later; rejects when it ends without. */
  printed(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  /** As `head` does when it has enough. */
  closeStdout(): void;
}

/** Longest that one command may take, on a machine with much else to do; what a whole test accompanies needs more. */
const oneCommandMs = 60_000;

export function startCli(
  args: readonly string[],
  { env = {}, stdin, cwd, program = defaultProgram, timeoutMs = oneCommandMs }: CliOptions = {},
): RunningCli {
  const child = spawn(process.env['ROCKBOT_TEST_NODE'] ?? process.execPath, [program, ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'Europe/Berlin', ...env },
  });
  const text = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const watch of watchers) watch();
    });
  }
  child.stdin.on('error', () => undefined);
  if (stdin !== undefined) child.stdin.end(stdin);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let hasExited = false;
  const exited = new Promise<CliExit>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      hasExited = true;
      for (const watch of watchers) watch();
      resolve({ code, ...text });
    });
  });
  return {
    pid: child.pid ?? 0,
    exited,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    signal: (name) => void child.kill(name),
    closeStdout: () => void child.stdout.destroy(),
    printed: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const match = pattern.exec(text[stream]);
          if (match === null && !hasExited) return;
          watchers.delete(watch);
          if (match !== null) resolve(match);
          else reject(new Error(`ended without ${String(pattern)}:\n${text.stdout}\n${text.stderr}`));
        };
        watchers.add(watch);
        watch();
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export function runCli(args: readonly string[], options?: CliOptions): Promise<CliExit> {
  return startCli(args, options).exited;
}

/** Each line of stdout as JSON; throws when one is not. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export interface TestFolder extends AsyncDisposable {
  path: string;
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'rockbot-cli-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
