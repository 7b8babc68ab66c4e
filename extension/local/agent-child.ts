// One run of the agent's program as a child process that ends with its parent; it neither configures nor restarts it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface AgentExit {
  /** Exit code; undefined when a signal ended it or it could not be started. */
  code: number | undefined;
  signal: NodeJS.Signals | undefined;
}

export interface AgentChild {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Its log; null when it goes where this process's goes. */
  readonly stderr: Readable | null;
  /** Settles when it ended and what it printed was read; never rejects. */
  readonly exited: Promise<AgentExit>;
  /** Asks it to end in order; `exited` tells when it did. It is killed when it takes too long. May be called again. */
  end(): void;
}

export interface AgentChildOptions {
  program: string;
  env: NodeJS.ProcessEnv;
  /** `inherit` prints its log where this process prints. */
  log: 'pipe' | 'inherit';
}

/** Milliseconds for an orderly end; the agent itself takes at most 8 s. */
const endDeadlineMs = 15_000;
/** Milliseconds to read what is left of the log after the end. */
const logGraceMs = 1_000;

/**
 * Runs the program named by its argument and ends it in order when our end of its stdin closes, as a dead parent's does.
 * A dead parent reads no log either, and a log that cannot be written must not hold up the end.
 * Where there are no signals (Windows) sending one to itself would be a kill, so the agent's own listener is called.
 */
const guard = `
const end = () => process.listenerCount('SIGTERM') > 0 ? process.emit('SIGTERM', 'SIGTERM') : process.exit(1);
process.stdin.on('end', end).on('error', end).resume().unref();
process.stderr.on('error', () => {});
const program = process.argv[1];
if (program.endsWith('.cjs')) require(program);
else void import(require('node:url').pathToFileURL(program).href);
`;

export function startAgentChild({ program, env, log }: AgentChildOptions): AgentChild {
  const child = spawn(process.execPath, ['-e', guard, program], {
    stdio: ['pipe', log === 'pipe' ? 'ignore' : 'inherit', log],
    // Without a session of its own, Ctrl-C would reach it beside our own order to stop.
    detached: process.platform !== 'win32',
    windowsHide: true,
    // In VS Code the program at execPath is Electron.
    env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
  });
  child.stdin?.on('error', () => {});
  let deadline: NodeJS.Timeout | undefined;
  const exited = new Promise<AgentExit>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(deadline);
      resolve({ code: code ?? undefined, signal: signal ?? undefined });
    };
    child.on('error', () => settle(null, null));
    child.on('close', settle);
    // Programs that the agent started may hold its log open.
    child.on('exit', (code, signal) => void setTimeout(settle, logGraceMs, code, signal).unref());
  });
  return {
    pid: child.pid,
    stderr: child.stderr,
    exited,
    end() {
      child.stdin?.end();
      deadline ??= setTimeout(() => child.kill('SIGKILL'), endDeadlineMs);
    },
  };
}

/** The agent's program in a folder of the built package, or the source beside it; undefined when there is none. */
export function findAgentProgram(folder: string): string | undefined {
  return [join(folder, 'agent.cjs'), join(folder, '..', '..', 'agent', 'main.ts')].find((path) => existsSync(path));
}
