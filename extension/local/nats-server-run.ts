// One run of a nats-server: from its start behind a supervisor until it ended; it never starts it again.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { redact } from '../../shared/redaction.ts';
import { runCommand } from './run-command.ts';
import { supervisorSource } from './supervisor-source.ts';

export interface NatsServerExit {
  /** Exit code, or undefined when a signal ended it. */
  code: number | undefined;
  signal: string | undefined;
  /** The last lines of its log. */
  log: readonly string[];
}

export interface NatsServerRunOptions {
  binary: string;
  args: readonly string[];
  /** The run's own folder, named in `args`; the supervisor removes it at the end, even when this process died. */
  directory: string;
  /** All that the server sees of an environment. */
  env: NodeJS.ProcessEnv;
  onLog?: ((line: string) => void) | undefined;
}

const reportSchema = z.object({
  pid: z.number().optional(),
  code: z.number().nullish(),
  signal: z.string().nullish(),
  error: z.string().optional(),
});

const keptLines = 40;
/** The supervisor needs at most 2 s to end the server; after this it is itself ended. */
const endDeadlineMs = 5_000;

export class NatsServerRun {
  readonly exited: Promise<NatsServerExit>;
  readonly #supervisor: ChildProcess;
  readonly #directory: string;
  readonly #log: string[] = [];
  #pid: number | undefined;
  #reported: { code: number | undefined; signal: string | undefined } | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ binary, args, directory, env, onLog }: NatsServerRunOptions) {
    this.#directory = directory;
    this.#supervisor = spawn(process.execPath, ['-e', supervisorSource, directory, binary, ...args], {
      // Without a session of its own, Ctrl-C would end the server before this process could drain its connections.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      // In VS Code the program at execPath is Electron.
      env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const { stdin, stdout, stderr } = this.#supervisor;
    const keep = (line: string): void => {
      const clean = redact(line);
      if (this.#log.push(clean) > keptLines) this.#log.shift();
      onLog?.(clean);
    };
    stdin?.on('error', () => {});
    if (stderr) createInterface({ input: stderr }).on('line', keep);
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#onReport(line, keep));
    this.exited = new Promise((resolve) => {
      this.#supervisor.on('error', (error) => keep(error.message));
      // An orphan holds the log's pipe open, so 'close' comes only after its end.
      this.#supervisor.on('exit', () => void this.#endOrphan());
      this.#supervisor.on('close', () => {
        this.#closed = true;
        clearTimeout(this.#deadline);
        const exit = { ...(this.#reported ?? { code: undefined, signal: undefined }), log: [...this.#log] };
        // A supervisor that was killed did not do it.
        void rm(directory, { recursive: true, force: true }).finally(() => resolve(exit));
      });
    });
  }

  /** Process id of the nats-server; undefined before it runs and after it ended. */
  get pid(): number | undefined {
    return this.#reported === undefined ? this.#pid : undefined;
  }

  /** Asks the server to end; `exited` tells when it did. */
  end(): void {
    if (this.#closed) return;
    this.ref();
    this.#supervisor.stdin?.end();
    this.#deadline ??= setTimeout(() => this.#supervisor.kill('SIGKILL'), endDeadlineMs);
  }

  /** Lets this process end although the server runs; it then ends the server with it. */
  unref(): void {
    this.#eachHandle((handle) => handle.unref?.());
  }

  ref(): void {
    this.#eachHandle((handle) => handle.ref?.());
  }

  #eachHandle(change: (handle: { ref?: () => void; unref?: () => void }) => void): void {
    const { stdin, stdout, stderr } = this.#supervisor;
    for (const handle of [this.#supervisor, stdin, stdout, stderr]) {
      if (handle !== null) change(handle as { ref?: () => void; unref?: () => void });
    }
  }

  #onReport(line: string, keep: (line: string) => void): void {
    const report = parseReport(line);
    if (report === undefined) {
      keep(line);
      return;
    }
    const { pid, code, signal, error } = report;
    if (pid !== undefined) {
      this.#pid = pid;
      return;
    }
    if (error !== undefined) keep(error);
    this.#reported = { code: code ?? undefined, signal: signal ?? undefined };
  }

  /** Someone killed the supervisor: its child runs on, and is ended only when it provably is that child. */
  async #endOrphan(): Promise<void> {
    if (this.#reported !== undefined || this.#pid === undefined) return;
    const commandLine = await readCommandLine(this.#pid);
    if (!commandLine?.includes(this.#directory)) return;
    try {
      process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

async function readCommandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (process.platform === 'win32') return undefined;
  const args = ['-o', 'command=', '-p', String(pid)];
  return (await runCommand('ps', { args, env: process.env, timeoutMs: 5_000 })).stdout;
}

/** Undefined for a line that is none of the supervisor's. */
function parseReport(line: string): z.infer<typeof reportSchema> | undefined {
  try {
    return reportSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
