// The local agent in the process that owns it: starts bus and agent, keeps both running and ends both in order.
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { writePrivateFile } from '../consent/config-folder.ts';
import { agentEnvironment } from './agent-environment.ts';
import { findNatsServer } from './find-nats-server.ts';
import type { LocalAgent, LocalAgentEnd, LocalAgentEvent, StartLocalAgentOptions } from './local-agent.ts';
import { agentFolder, busKey, busKeyPath, mcpConfigPath } from './local-agent-files.ts';
import {
  readRecord,
  readRunningRecord,
  renewIntervalMs,
  renewRecord,
  takeStopAsked,
  writeRecord,
  type LocalAgentRecord,
} from './local-agent-record.ts';
import { localBusUsers } from './local-bus-users.ts';
import { NatsServerError } from './nats-server-error.ts';
import { startNatsServer, type NatsServerProcess } from './nats-server-process.ts';
import { SupervisedAgent } from './supervised-agent.ts';

/** The size of what tools return, in bytes. */
const maxPayload = 8 * 1024 * 1024;
const emptyMcpConfig = '{\n  "mcpServers": {}\n}\n';
/** Milliseconds that bus and agent of a closed window may take to end. */
const predecessorMs = 10_000;

/** Another process was quicker. */
export class OtherOwner extends Error {
  readonly record: LocalAgentRecord;

  constructor(record: LocalAgentRecord) {
    super('Another process runs the local agent.');
    this.record = record;
  }
}

export class OwnedLocalAgent implements LocalAgent {
  readonly isOwned = true;
  readonly credentials: BusCredentials;
  readonly exited: Promise<LocalAgentEnd>;
  readonly #options: StartLocalAgentOptions & { program: string };
  readonly #id = randomUUID();
  /** Ends what is being started. Afterwards it is out of use: the bus has to outlive its agent. */
  readonly #starting = new AbortController();
  readonly #ending = new AbortController();
  #settleExited: (end: LocalAgentEnd) => void = () => {};
  #nats: NatsServerProcess | undefined;
  #agent: SupervisedAgent | undefined;
  #isServing = false;
  #ended: Promise<void> | undefined;

  constructor({ credentials, ...options }: StartLocalAgentOptions & { program: string; credentials: BusCredentials }) {
    this.#options = options;
    this.credentials = credentials;
    this.exited = new Promise((resolve) => (this.#settleExited = resolve));
  }

  get url(): string {
    return this.#nats?.url ?? '';
  }

  get agentName(): string {
    return this.#options.agentName;
  }

  get mcpConfigPath(): string {
    return mcpConfigPath(this.#options.dataDir);
  }

  async start(): Promise<void> {
    const { signal } = this.#options;
    const cancel = (): void => this.#starting.abort(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await this.#start(this.#starting.signal);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { dataDir, agentName, env, program } = this.#options;
    const key = await busKey(dataDir, 'agent');
    this.#nats = await this.#startNats(key.publicKey);
    await writePrivateFile(this.mcpConfigPath, emptyMcpConfig, { keepExisting: true });
    this.#agent = new SupervisedAgent({
      program,
      env: agentEnvironment({
        ...this.#options,
        env,
        dataDir: agentFolder(dataDir),
        busUrl: this.url,
        seedFile: busKeyPath(dataDir, 'agent'),
      }),
      onEvent: (event) => this.#emit(event),
      onFailedStart: async () => {
        const record = await readRunningRecord(dataDir);
        if (record !== undefined && record.id !== this.#id) throw new OtherOwner(record);
      },
    });
    await this.#agent.start(signal);
    this.#isServing = true;
    await writeRecord(dataDir, { id: this.#id, url: this.url, agentName });
    signal.throwIfAborted();
    void this.#agent.exited.then((end) => (end.reason === 'gave_up' ? this.#end(end) : undefined));
    void this.#nats.exited.then((end) => (end.reason === 'gave_up' ? this.#end(end) : undefined));
    void this.#showLife();
  }

  stop(): Promise<void> {
    return this.#end({ reason: 'stopped' });
  }

  release(): Promise<void> {
    return this.#end({ reason: 'released' });
  }

  #end(end: LocalAgentEnd): Promise<void> {
    this.#ended ??= this.#tearDown(end);
    return this.#ended;
  }

  async #tearDown(end: LocalAgentEnd): Promise<void> {
    const { dataDir, agentName } = this.#options;
    this.#ending.abort(new RockBotError({ code: 'cancelled', message: 'The local agent was stopped.' }));
    if (this.#isServing) {
      // First, since this process may not have the time for the rest.
      const ended = end.reason === 'released' ? 'released' : 'stopped';
      await writeRecord(dataDir, { id: this.#id, url: this.url, agentName, ended }).catch(() => undefined);
    }
    await this.#agent?.stop();
    await this.#nats?.stop();
    if (end.reason === 'gave_up') this.#emit({ kind: 'gave_up', error: end.error });
    else this.#emit({ kind: 'stopped' });
    this.#settleExited(end);
  }

  async #startNats(agentKey: string): Promise<NatsServerProcess> {
    const { dataDir, agentName, port, env, signal } = this.#options;
    const { path } = await findNatsServer({
      env,
      signal,
      onProgress: (message) => this.#emit({ kind: 'nats_fetching', message }),
    });
    const start = (websocketPort: number): Promise<NatsServerProcess> =>
      startNatsServer({
        binary: path,
        websocketPort,
        maxPayload,
        users: localBusUsers({ agentName, agent: agentKey, ui: this.credentials.publicKey }),
        onEvent: (event) => {
          if (event.kind === 'ready') this.#emit({ kind: 'nats_ready', url: event.url, pid: event.pid });
          else if (event.kind === 'crashed') this.#emit({ kind: 'nats_crashed' });
        },
        signal: this.#starting.signal,
      });
    if (port !== undefined) return start(port);
    // Windows that were attached come back by themselves when the address stays.
    const last = await readRecord(dataDir);
    if (last === undefined) return start(0);
    // A bus whose owner has just gone takes a moment to end.
    const patience = last.ended === 'stopped' ? 0 : predecessorMs;
    const deadline = performance.now() + patience;
    for (;;) {
      try {
        return await start(Number(new URL(last.url).port));
      } catch (error) {
        if (!(error instanceof NatsServerError) || error.problem !== 'port_in_use') throw error;
        if (performance.now() >= deadline) return start(0);
        await systemClock.sleep(250, signal);
      }
    }
  }

  /** Until the end; also hears other windows that ask for it. */
  async #showLife(): Promise<void> {
    const { dataDir } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await renewRecord(dataDir);
      if (await takeStopAsked(dataDir, this.#id).catch(() => false)) void this.stop();
      await systemClock.sleep(renewIntervalMs, signal).catch(() => undefined);
    }
  }

  #emit(event: LocalAgentEvent): void {
    this.#options.onEvent?.(event);
  }
}
