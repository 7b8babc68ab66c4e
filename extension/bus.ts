// The UI tier's connection to the bus: typed requests and events over the contract; the only file here that knows nats.ws.
import { connect, DebugEvents, Events, MsgHdrsImpl, type MsgHdrs, type NatsConnection, type NatsError } from 'nats.ws';
import { abortable } from '../shared/abort.ts';
import { isBusAuthCode } from '../shared/bus-auth-code.ts';
import {
  events,
  requests,
  type EventName,
  type EventOf,
  type ReplyOf,
  type RequestInputOf,
  type RequestName,
} from '../shared/contract/contract.ts';
import { createMetadata, isSupportedVersion, metadataHeaders, metadataRecord } from '../shared/contract/metadata.ts';
import { RockBotError } from '../shared/errors/rockbot-error.ts';
import { AgentWatch } from './bus/agent-watch.ts';
import { inboxPrefix, type BusCredentials } from './bus/bus-credentials.ts';
import { connectFailure, credentialsRefused, noAgentAnswers, permissionViolation } from './bus/bus-failures.ts';
import { createBusSockets, type BusSockets } from './bus/bus-socket.ts';
import { reduceBusState, type BusEvent, type BusState } from './bus/bus-status.ts';
import { connectionOptions } from './bus/connection-options.ts';
import { Inbox } from './bus/inbox.ts';
import { parseJson, parseReply } from './bus/parse-reply.ts';
import { agentGone, timedOut } from './bus/timed-out.ts';

export interface BusOptions {
  /** `ws://` or `wss://`, used as it is. */
  url: string;
  /** Name of the agent to talk to. */
  agent: string;
  /** How this program names itself in `rb-source`, for example `cli` or `vscode`. */
  source: string;
  credentials?: BusCredentials | undefined;
  /** PEM of a certificate authority to trust beside the usual ones. */
  ca?: string | undefined;
  /** Overrides `_INBOX_<public nkey>`. */
  inboxPrefix?: string | undefined;
  /** For the first connection; later ones are made for ever. */
  connectTimeoutMs?: number | undefined;
  /** Milliseconds between looks whether the agent is still there while a call runs. */
  agentWatchMs?: number | undefined;
  /** Ends the attempt to connect; a connected bus is ended with `close()`. */
  signal?: AbortSignal | undefined;
}

export interface RequestOptions {
  /** Milliseconds for the whole exchange, waiting for the connection included. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Continues this trace. */
  traceparent?: string | undefined;
}

const defaultRequestTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;

/**
 * Makes one attempt; a connected bus reconnects by itself for ever.
 * @throws RockBotError `forbidden` for refused credentials, `server_unavailable` when nothing usable answers
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { url, credentials, connectTimeoutMs = 5_000, signal } = options;
  signal?.throwIfAborted();
  const sockets = createBusSockets({ url, ca: options.ca, timeoutMs: connectTimeoutMs });
  let attempt = 0;
  const connecting = connect(
    connectionOptions({ ...options, timeoutMs: connectTimeoutMs, sockets, attempt: () => attempt }),
  );
  try {
    const connection = await abortable(connecting, signal);
    return new Bus({ options, connection, sockets, onAttempt: (count) => (attempt = count) });
  } catch (error) {
    sockets.terminate();
    if (signal?.aborted) {
      connecting.then((late) => late.close()).catch(() => undefined);
      throw signal.reason;
    }
    throw connectFailure({
      url,
      hasCredentials: credentials !== undefined,
      code: (error as NatsError).code,
      socketError: sockets.lastError,
      cause: error,
    });
  }
}

/** One connection to one agent; made by `connectBus`. */
export class Bus {
  readonly agent: string;
  readonly url: string;
  readonly #source: string;
  readonly #hasCredentials: boolean;
  readonly #connection: NatsConnection;
  readonly #sockets: BusSockets;
  readonly #onAttempt: (attempt: number) => void;
  readonly #agentWatchMs: number | undefined;
  readonly #listeners = new Set<(event: BusEvent) => void>();
  readonly #inbox: Inbox;
  #state: BusState = { kind: 'connected' };
  #closing: Promise<void> | undefined;

  constructor(parts: {
    options: BusOptions;
    connection: NatsConnection;
    sockets: BusSockets;
    onAttempt: (attempt: number) => void;
  }) {
    const { options } = parts;
    this.agent = options.agent;
    this.url = options.url;
    this.#source = options.source;
    this.#hasCredentials = options.credentials !== undefined;
    this.#connection = parts.connection;
    this.#sockets = parts.sockets;
    this.#onAttempt = parts.onAttempt;
    this.#agentWatchMs = options.agentWatchMs;
    this.#inbox = new Inbox(parts.connection, options.inboxPrefix ?? inboxPrefix(options.credentials?.publicKey));
    void this.#watch();
  }

  get state(): BusState {
    return this.#state;
  }

  /** Returns a function that ends the listening. */
  onEvent(listener: (event: BusEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends a request to the agent and returns its parsed answer.
   * @throws RockBotError what the agent answered, or `forbidden`, `payload_too_large`, `timeout`, `server_unavailable`
   */
  async request<Name extends RequestName>(
    name: Name,
    payload: RequestInputOf<Name>,
    options: RequestOptions = {},
  ): Promise<ReplyOf<Name>> {
    const definition = requests[name];
    const { timeoutMs = defaultRequestTimeoutMs, signal } = options;
    const body = new TextEncoder().encode(JSON.stringify(definition.request.parse(payload)));
    const headers = this.#headers(definition.type, definition.trust, options.traceparent);

    const deadline = new AbortController();
    let isSent = false;
    const timer = setTimeout(() => {
      const { agent, url } = this;
      deadline.abort(timedOut({ name, agent, url, timeoutMs, isSent, isLost: this.#state.kind === 'reconnecting' }));
    }, timeoutMs);
    const ended = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
    let watch: AgentWatch | undefined;
    try {
      await this.#connected(ended);
      this.#assertFits(body.length + sizeOf(headers));
      isSent = true;
      // A call may take minutes; an agent that has ended meanwhile will never answer it.
      if (name === 'toolInvoke') watch = this.#watchAgent(() => deadline.abort(agentGone(this.agent)));
      const reply = await this.#inbox.exchange({
        subject: definition.subject(this.agent),
        body,
        headers,
        signal: ended,
        noResponder: () => noAgentAnswers(this.agent, this.url),
      });
      return parseReply(reply, definition.reply) as ReplyOf<Name>;
    } finally {
      clearTimeout(timer);
      watch?.close();
    }
  }

  #watchAgent(onGone: () => void): AgentWatch {
    return new AgentWatch({
      intervalMs: this.#agentWatchMs,
      isBusThere: () => this.#state.kind === 'connected',
      ask: (timeoutMs) => this.request('authState', {}, { timeoutMs }),
      onGone,
    });
  }

  /**
   * Calls `handler` for every event of that name; a malformed one is left out. Returns a function that ends it.
   * `callId` is for `toolProgress` alone.
   */
  subscribe<Name extends EventName>(
    name: Name,
    handler: (payload: EventOf<Name>) => void,
    { callId, onForbidden }: { callId?: string; onForbidden?: (error: RockBotError) => void } = {},
  ): () => void {
    const definition = events[name];
    const subject = definition.subject(callId === undefined ? this.agent : `${this.agent}.${callId}`);
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) {
          onForbidden?.(permissionViolation(subject, 'subscribe'));
          return;
        }
        if (!isSupportedVersion(message.headers?.get(metadataHeaders.version))) return;
        const payload = definition.payload.safeParse(parseJson(message.data));
        if (payload.success) handler(payload.data as EventOf<Name>);
      },
    });
    return () => {
      if (!this.#connection.isClosed() && !subscription.isClosed()) subscription.unsubscribe();
    };
  }

  /** Resolves when the bus has seen everything sent so far; rejects when that takes longer than `timeoutMs`. */
  async flush({ timeoutMs = defaultRequestTimeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await abortable(this.#connection.flush(), AbortSignal.timeout(timeoutMs));
  }

  /** Lets messages under way finish, then ends the connection; never rejects and may be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const wasConnected = this.#state.kind === 'connected';
    this.#emit({ kind: 'closed' });
    const error = new RockBotError({ code: 'cancelled', message: 'The connection to the bus was closed.' });
    this.#inbox.fail(error);
    try {
      if (wasConnected) await abortable(this.#connection.drain(), AbortSignal.timeout(closeTimeoutMs));
      await this.#connection.close();
    } catch {
      await this.#connection.close().catch(() => undefined);
    } finally {
      this.#sockets.terminate();
    }
  }

  #headers(type: string, contentTrust: 'system' | 'tool-request' | 'tool-output', traceparent?: string): MsgHdrs {
    const metadata = createMetadata({
      type,
      source: this.#source,
      contentTrust,
      now: Date.now(),
      cause: { traceparent },
    });
    return MsgHdrsImpl.fromRecord({ ...metadataRecord(metadata), [metadataHeaders.acceptChunks]: ['1'] });
  }

  /** What is published while the connection is down would be lost. */
  async #connected(signal: AbortSignal): Promise<void> {
    while (this.#state.kind !== 'connected') {
      if (this.#state.kind === 'closed') {
        throw new RockBotError({ code: 'cancelled', message: 'The connection to the bus was closed.' });
      }
      await abortable(this.#nextEvent(), signal);
    }
    signal.throwIfAborted();
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onEvent(() => {
        stop();
        resolve();
      });
    });
  }

  #assertFits(bytes: number): void {
    const limit = this.#connection.info?.max_payload;
    if (limit === undefined || bytes <= limit) return;
    throw new RockBotError({
      code: 'payload_too_large',
      message: `The request has ${bytes} bytes; the bus takes at most ${limit}.`,
      action: 'Send less, or ask the operator of the bus to raise max_payload.',
    });
  }

  async #watch(): Promise<void> {
    for await (const { type, data, permissionContext } of this.#connection.status()) {
      if (type === Events.Disconnect) this.#emit({ kind: 'disconnected' });
      else if (type === Events.Reconnect) this.#emit({ kind: 'connected' });
      else if (type === DebugEvents.Reconnecting) this.#emit({ kind: 'reconnecting', attempt: this.#attempts() + 1 });
      else if (type === Events.Error && permissionContext !== undefined) this.#forbid(permissionContext);
      else if (type === Events.Error && isBusAuthCode(data)) {
        this.#emit({ kind: 'refused', error: credentialsRefused(this.url, this.#hasCredentials) });
      }
    }
    this.#emit({ kind: 'closed' });
  }

  #attempts(): number {
    return this.#state.kind === 'reconnecting' ? this.#state.attempt : 0;
  }

  #forbid({ operation, subject }: { operation: string; subject: string }): void {
    const error = permissionViolation(subject, operation === 'publish' ? 'publish' : 'subscribe');
    if (operation === 'publish') this.#inbox.fail(error, subject);
    this.#emit({ kind: 'forbidden', subject, error });
  }

  #emit(event: BusEvent): void {
    if (this.#state.kind === 'closed') return;
    this.#state = reduceBusState(this.#state, event);
    this.#onAttempt(this.#attempts());
    for (const listener of this.#listeners) listener(event);
  }
}

/** As the NATS protocol writes them. */
function sizeOf(headers: MsgHdrs): number {
  let text = 'NATS/1.0\r\n\r\n';
  for (const [key, values] of headers) for (const value of values) text += `${key}: ${value}\r\n`;
  return new TextEncoder().encode(text).length;
}
