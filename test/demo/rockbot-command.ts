// Runs the built `rockbot` as a user would, and hands over what it prints.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandOptions {
  env: NodeJS.ProcessEnv;
  /** Each line on stdout as it comes. */
  onLine?: (line: string) => void;
  /** Ends the program, and rejects. */
  signal: AbortSignal;
}

export interface CommandOutcome {
  code: number;
  stdout: string;
  stderr: string;
  milliseconds: number;
}

export function runRockbot(args: readonly string[], { env, onLine, signal }: CommandOptions): Promise<CommandOutcome> {
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/cli.cjs', ...args], { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const onParentExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onParentExit);
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line);
    onLine?.(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', onParentExit);
      resolve({
        code: code ?? 1,
        stdout: stdout.join('\n'),
        stderr: stderr.join('\n'),
        milliseconds: performance.now() - started,
      });
    });
  });
}
