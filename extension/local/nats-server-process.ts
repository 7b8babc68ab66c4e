// A supervised nats-server on a loopback address: started again when it crashes, ended with this process, never shared
// with anything that this process did not start. It does not look for the program.
import { createWriteStream, type WriteStream } from 'node:fs';
import { abortable } from '../../shared/abort.ts';
import { backoffDelay } from '../../shared/backoff.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { NatsServerSettings } from './nats-server-config.ts';
import { NatsServerError } from './nats-server-error.ts';
import type { NatsServerExit } from './nats-server-run.ts';
import { startNatsServerRun, type StartedRun } from './start-nats-server-run.ts';

export interface StartNatsServerOptions extends Partial<Omit<NatsServerSettings, 'directory'>> {
  /** Path of the program, as `findNatsServer` returns it. */
  binary: string;
  /** Variables that `configFile` or `configText` name (`$NAME`); nothing else of the environment reaches the server. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Appended to, created 0600. */
  logFile?: string | undefined;
  /** Longest wait for one start, in milliseconds. */
  readyTimeoutMs?: number | undefined;
  /** Times the waiting before a restart. */
  clock?: Clock | undefined;
  onEvent?: ((event: NatsServerEvent) => void) | undefined;
  /** Stops the server, whenever it is aborted. */
  signal?: AbortSignal | undefined;
}

export type NatsServerEvent =
  | { kind: 'ready'; url: string; pid: number | undefined }
  | { kind: 'crashed'; exit: NatsServerExit }
  | { kind: 'restart_failed'; error: Error }
  | { kind: 'gave_up'; error: NatsServerError }
  | { kind: 'stopped' };

export type NatsServerEnd = { reason: 'stopped' } | { reason: 'gave_up'; error: NatsServerError };

export interface NatsServerProcess extends AsyncDisposable {
  /** WebSocket address; stays the same over restarts. */
  readonly url: string;
  /** Address of the plain NATS listener, on the same host. */
  readonly natsUrl: string;
  /** Process id of the server; undefined while it is down. */
  readonly pid: number | undefined;
  /** Fulfilled while the server answers, pending while it is being restarted, rejected once it is stopped or given up. */
  readonly ready: Promise<void>;
  /** When and why it is over for good; never rejects. */
  readonly exited: Promise<NatsServerEnd>;
  /** Ends the server and waits for its end. May be called again. */
  stop(): Promise<void>;
  /** Ends the server and starts it again on the same ports. */
  restart(): Promise<void>;
}

const mostFailures = 8;
const restartBackoff = { baseMs: 100, maxMs: 5_000 };
/** A server that lived this long (ms) is healthy: its next crash counts as the first. */
const healthyAfterMs = 30_000;

/** @throws NatsServerError `port_in_use`, `config_invalid`, `start_timeout`, `crashed` */
export async function startNatsServer(options: StartNatsServerOptions): Promise<NatsServerProcess> {
  const server = new SupervisedNatsServer(options);
  await server.start();
  return server;
}

class SupervisedNatsServer implements NatsServerProcess {
  readonly exited: Promise<NatsServerEnd>;
  readonly #options: StartNatsServerOptions;
  readonly #stopping = new AbortController();
  readonly #log: WriteStream | undefined;
  #settleExited: (end: NatsServerEnd) => void = () => {};
  #ready: Deferred = deferred();
  #started: StartedRun | undefined;
  #restartAsked = false;
  #url = '';
  #natsUrl = '';

  constructor(options: StartNatsServerOptions) {
    this.#options = options;
    this.exited = new Promise((resolve) => (this.#settleExited = resolve));
    if (options.logFile !== undefined) {
      this.#log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
      this.#log.on('error', () => {}); // A full disk ends the log, not the bus.
    }
  }

  get url(): string {
    return this.#url;
  }

  get natsUrl(): string {
    return this.#natsUrl;
  }

  get pid(): number | undefined {
    return this.#started?.run.pid;
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  async start(): Promise<void> {
    const { signal } = this.#options;
    try {
      this.#serve(await this.#startRun());
    } catch (error) {
      this.#ready.reject(error as Error);
      this.#end({ reason: 'stopped' });
      throw error;
    }
    void this.#supervise();
    const stop = (): void => void this.stop();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    void this.exited.then(() => signal?.removeEventListener('abort', stop));
  }

  async stop(): Promise<void> {
    this.#stopping.abort(stopped());
    this.#started?.run.end();
    await this.exited;
  }

  async restart(): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    const run = this.#started?.run;
    if (run !== undefined) {
      this.#restartAsked = true;
      run.end();
      await run.exited;
      // Let the supervising loop see the end first.
      await abortable(systemClock.sleep(0), this.#stopping.signal);
    }
    await this.ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #supervise(): Promise<void> {
    let failures = 0;
    while (this.#started !== undefined) {
      const { run } = this.#started;
      const startedAt = performance.now();
      const exit = await run.exited;
      this.#started = undefined;
      this.#ready = deferred();
      if (this.#stopping.signal.aborted) break;
      if (performance.now() - startedAt > healthyAfterMs) failures = 0;
      if (!this.#restartAsked) {
        failures += 1;
        this.#emit({ kind: 'crashed', exit });
      }
      try {
        await this.#startAgain(failures);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        this.#giveUp(error);
        return;
      }
    }
    this.#ready.reject(stopped());
    this.#end({ reason: 'stopped' });
    this.#emit({ kind: 'stopped' });
  }

  async #startAgain(failuresSoFar: number): Promise<void> {
    for (let failures = failuresSoFar; ; failures += 1) {
      if (!this.#restartAsked) {
        await (this.#options.clock ?? systemClock).sleep(
          backoffDelay(failures - 1, restartBackoff),
          this.#stopping.signal,
        );
      }
      this.#restartAsked = false;
      try {
        this.#serve(await this.#startRun());
        return;
      } catch (error) {
        this.#stopping.signal.throwIfAborted();
        this.#emit({ kind: 'restart_failed', error: error as Error });
        if (failures >= mostFailures) throw error;
      }
    }
  }

  #startRun(): Promise<StartedRun> {
    const { binary, env = {}, readyTimeoutMs = 10_000, signal, ...options } = this.#options;
    const { host = '127.0.0.1', websocketPort = 0, clientPort = 0 } = options;
    const { maxPayload, storeDir, users, configFile, configText } = options;
    return startNatsServerRun({
      binary,
      env,
      readyTimeoutMs,
      settings: {
        maxPayload,
        storeDir,
        users,
        configFile,
        configText,
        host,
        // Clients come back to the address they know.
        websocketPort: this.#url ? portOf(this.#url) : websocketPort,
        clientPort: this.#natsUrl ? portOf(this.#natsUrl) : clientPort,
      },
      onLog: (line) => this.#log?.write(`${line}\n`),
      signal: signal ? AbortSignal.any([signal, this.#stopping.signal]) : this.#stopping.signal,
    });
  }

  #serve(started: StartedRun): void {
    this.#started = started;
    this.#url = started.url;
    this.#natsUrl = started.natsUrl;
    started.run.unref();
    this.#ready.resolve();
    this.#emit({ kind: 'ready', url: started.url, pid: started.run.pid });
    // A stop that came while it was starting.
    if (this.#stopping.signal.aborted) started.run.end();
  }

  #giveUp(cause: unknown): void {
    const error = new NatsServerError({
      problem: 'crashed',
      message: `nats-server ended again and again; it is not started any more. ${(cause as Error).message}`,
      nextStep: cause instanceof NatsServerError ? cause.nextStep : 'Look at its log; start it again.',
      cause,
    });
    this.#stopping.abort(error);
    this.#ready.reject(error);
    this.#end({ reason: 'gave_up', error });
    this.#emit({ kind: 'gave_up', error });
  }

  #end(end: NatsServerEnd): void {
    this.#log?.end();
    this.#settleExited(end);
  }

  #emit(event: NatsServerEvent): void {
    this.#options.onEvent?.(event);
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function stopped(): NatsServerError {
  return new NatsServerError({
    problem: 'stopped',
    message: 'nats-server was stopped.',
    nextStep: 'Start it again when it is needed.',
  });
}

interface Deferred {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

function deferred(): Deferred {
  let settle: Pick<Deferred, 'resolve' | 'reject'> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  promise.catch(() => {}); // Nobody need be waiting.
  return { promise, ...settle };
}
