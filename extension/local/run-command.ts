// Runs one program to its end without a shell and returns what it printed; it does not judge the exit code's meaning.
import { execFile } from 'node:child_process';

export interface CommandOptions {
  args: readonly string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface CommandResult {
  /** Exit code; undefined when it could not be started or was ended by a signal or the timeout. */
  code: number | undefined;
  stdout: string;
  /** What it printed on stderr, or why it could not be started. */
  stderr: string;
}

/** Rejects only with the signal's reason; every other outcome is a result. */
export function runCommand(program: string, options: CommandOptions): Promise<CommandResult> {
  const { args, cwd, env, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { cwd, env, timeout: timeoutMs, signal, maxBuffer: 4 << 20, windowsHide: true },
      (error, stdout, stderr) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        if (error === null) {
          resolve({ code: 0, stdout, stderr });
          return;
        }
        const code = typeof error.code === 'number' ? error.code : undefined;
        resolve({
          code,
          stdout,
          stderr: stderr || (error.killed ? `no answer within ${timeoutMs} ms` : error.message),
        });
      },
    );
  });
}
