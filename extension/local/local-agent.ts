// An agent with a bus of its own on this machine, for people without a cluster: one per data folder, owned by one process
// and used by others, closed to other users of the machine. It knows no vscode.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { writePrivateFile } from '../consent/config-folder.ts';
import { seedFile } from '../consent/seed-file.ts';
import { findAgentProgram } from './agent-child.ts';
import { agentEnvironment } from './agent-environment.ts';
import { attachLocalAgent } from './attached-local-agent.ts';
import { findNatsServer } from './find-nats-server.ts';
import { localBusUsers } from './local-bus-users.ts';
import {
  readRecord,
  readRunningRecord,
  renewIntervalMs,
  renewRecord,
  takeStopAsked,
  writeRecord,
  type LocalAgentRecord,
} from './local-agent-record.ts';
import { NatsServerError } from './nats-server-error.ts';
import { startNatsServer, type NatsServerProcess } from './nats-server-process.ts';
import { SupervisedAgent, type SupervisedAgentEvent } from './supervised-agent.ts';

export interface StartLocalAgentOptions {
  /** Folder of the built package's programs (dist). */
  programFolder: string;
  /** Kept over restarts: bus keys, the agent's volume, and how other windows find it. Made with mode 0700. */
  dataDir: string;
  tenantId: string;
  clientId: string;
  agentName: string;
  /** Of the bus. Without it the port of last time, or a free one when that is taken. */
  port?: number | undefined;
  /** Of this process; settings of the agent in it, such as `WorkIQ__Authority`, pass through. */
  env: NodeJS.ProcessEnv;
  onEvent?: ((event: LocalAgentEvent) => void) | undefined;
  /** Ends the start; a running agent is ended with `stop()`. */
  signal?: AbortSignal | undefined;
}

export type LocalAgentEvent =
  | SupervisedAgentEvent
  /** One sentence for a person: looking for or fetching nats-server takes time. */
  | { kind: 'nats_fetching'; message: string }
  | { kind: 'nats_ready'; url: string; pid: number | undefined }
  | { kind: 'nats_crashed' }
  | { kind: 'gave_up'; error: RockBotError }
  | { kind: 'stopped' };

export type LocalAgentEnd =
  /** A person's wish, here or in another window. */
  | { reason: 'stopped' }
  /** The process that owned it has ended or let go of it. */
  | { reason: 'released' }
  | { reason: 'gave_up'; error: RockBotError };

export interface LocalAgent {
  /** False when another process had started it: then it is used here, and ends with that one. */
  readonly isOwned: boolean;
  /** WebSocket address of the bus. */
  readonly url: string;
  /** Of the UI. The same after every restart, so that an agent that pinned their nkey as signer knows it again. */
  readonly credentials: BusCredentials;
  readonly agentName: string;
  /** Its mcp.json; there from the start. */
  readonly mcpConfigPath: string;
  /** When and why it is over; never rejects. */
  readonly exited: Promise<LocalAgentEnd>;
  /** Ends it for all windows, wherever it was started. May be called again. */
  stop(): Promise<void>;
  /** This process is done with it: ends it when it is owned here, else leaves it to its owner. */
  release(): Promise<void>;
}

/** The size of what tools return, in bytes. */
const maxPayload = 8 * 1024 * 1024;
const emptyMcpConfig = '{\n  "mcpServers": {}\n}\n';
/** Milliseconds that bus and agent of a closed window may take to end. */
const predecessorMs = 10_000;

/**
 * Resolves when the agent is ready; with the running one where another process started it already.
 * @throws RockBotError what it could not be started for, and what to do; nothing is left running then
 */
export async function startLocalAgent(options: StartLocalAgentOptions): Promise<LocalAgent> {
  const { dataDir, programFolder, signal } = options;
  signal?.throwIfAborted();
  const credentials = await busKey(dataDir, 'ui');
  const running = await readRunningRecord(dataDir);
  if (running !== undefined) return attach({ ...options, record: running, credentials });
  const program = findAgentProgram(programFolder);
  if (program === undefined) {
    throw new RockBotError({
      code: 'invalid_request',
      message: `The agent's program is not in ${programFolder}.`,
      action: 'Install the extension anew.',
    });
  }
  const agent = new OwnedLocalAgent({ ...options, credentials, program });
  try {
    await agent.start();
    return agent;
  } catch (error) {
    await agent.release();
    if (error instanceof OtherOwner) return attach({ ...options, record: error.record, credentials });
    throw signal?.aborted ? signal.reason : error;
  }
}

/** The one that runs in another process, or undefined. It starts nothing. */
export async function findLocalAgent({ dataDir }: { dataDir: string }): Promise<LocalAgent | undefined> {
  const record = await readRunningRecord(dataDir);
  return record && attach({ dataDir, record, credentials: await busKey(dataDir, 'ui') });
}

/** Another process was quicker. */
class OtherOwner extends Error {
  readonly record: LocalAgentRecord;

  constructor(record: LocalAgentRecord) {
    super('Another process runs the local agent.');
    this.record = record;
  }
}

interface AttachOptions {
  dataDir: string;
  record: LocalAgentRecord;
  credentials: BusCredentials;
}

function attach({ dataDir, record, credentials }: AttachOptions): LocalAgent {
  return attachLocalAgent({ dataDir, record, credentials, mcpConfigPath: mcpConfigPath(dataDir) });
}

class OwnedLocalAgent implements LocalAgent {
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
        seedFile: keyPath(dataDir, 'agent'),
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

function busKey(dataDir: string, user: 'agent' | 'ui'): Promise<BusCredentials> {
  return seedFile({
    path: keyPath(dataDir, user),
    what: 'bus key',
    whenRemoved: 'a new one is made at the next start. After that disconnect and connect M365 once.',
  });
}

function keyPath(dataDir: string, user: 'agent' | 'ui'): string {
  return join(dataDir, 'bus', `${user}.nk`);
}

function agentFolder(dataDir: string): string {
  return join(dataDir, 'agent');
}

function mcpConfigPath(dataDir: string): string {
  return join(agentFolder(dataDir), 'mcp.json');
}
