// The UI tier's connection to the bus: typed requests and events over the contract. Only here and in bus/ nats.ws is known.
import { connect, type NatsConnection, type NatsError } from 'nats.ws';
import { abortable } from '../shared/abort.ts';
import {
  events,
  requests,
  type EventName,
  type EventOf,
  type ReplyOf,
  type RequestInputOf,
  type RequestName,
} from '../shared/contract/contract.ts';
import { isSupportedVersion, metadataHeaders } from '../shared/contract/metadata.ts';
import type { RockBotError } from '../shared/errors/rockbot-error.ts';
import { AgentWatch } from './bus/agent-watch.ts';
import { inboxPrefix, type BusCredentials } from './bus/bus-credentials.ts';
import { BusClosed } from './bus/bus-closed.ts';
import { connectFailure, noAgentAnswers, permissionViolation } from './bus/bus-failures.ts';
import { BusLink } from './bus/bus-link.ts';
import { createBusRights, type BusRights } from './bus/bus-rights.ts';
import { createBusSockets } from './bus/bus-socket.ts';
import type { BusEvent, BusState } from './bus/bus-status.ts';
import { connectionOptions } from './bus/connection-options.ts';
import { Inbox } from './bus/inbox.ts';
import { parseJson, parseReply } from './bus/parse-reply.ts';
import { assertFits, requestMessage } from './bus/request-message.ts';
import { agentGone, busLeft, timedOut } from './bus/timed-out.ts';

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
    const hasCredentials = credentials !== undefined;
    const onAttempt = (count: number): void => void (attempt = count);
    return new Bus(options, connection, new BusLink({ url, hasCredentials, connection, sockets, onAttempt }));
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
  readonly #options: BusOptions;
  readonly #connection: NatsConnection;
  readonly #link: BusLink;
  readonly #inbox: Inbox;

  constructor(options: BusOptions, connection: NatsConnection, link: BusLink) {
    this.agent = options.agent;
    this.url = options.url;
    this.#options = options;
    this.#connection = connection;
    this.#link = link;
    const inbox = new Inbox(connection, options.inboxPrefix ?? inboxPrefix(options.credentials?.publicKey));
    this.#inbox = inbox;
    link.onEvent((event) => {
      if (event.kind === 'forbidden' && event.operation === 'publish') inbox.fail(event.error, event.subject);
      else if (event.kind === 'closed') inbox.fail(new BusClosed());
    });
  }

  get state(): BusState {
    return this.#link.state;
  }

  /** Returns a function that ends the listening. */
  onEvent(listener: (event: BusEvent) => void): () => void {
    return this.#link.onEvent(listener);
  }

  /**
   * Sends a request to the agent and returns its parsed answer.
   * @throws RockBotError what the agent answered, or `forbidden`, `payload_too_large`, `timeout`, `server_unavailable`
   * @throws AnswerLost when a call was sent and its answer does not come any more
   */
  async request<Name extends RequestName>(
    name: Name,
    payload: RequestInputOf<Name>,
    { timeoutMs = defaultRequestTimeoutMs, signal, traceparent }: RequestOptions = {},
  ): Promise<ReplyOf<Name>> {
    const { agent, url } = this;
    const message = requestMessage({ name, payload, source: this.#options.source, traceparent });
    const deadline = new AbortController();
    let isSent = false;
    const timer = setTimeout(() => {
      deadline.abort(timedOut({ name, agent, url, timeoutMs, isSent, isLost: this.state.kind === 'reconnecting' }));
    }, timeoutMs);
    const ended = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
    let watch: AgentWatch | undefined;
    try {
      await this.#link.connected(ended);
      assertFits(message, this.#connection.info?.max_payload);
      isSent = true;
      // A call may take minutes; an agent that has ended meanwhile will never answer it.
      if (name === 'toolInvoke') watch = this.#watchAgent(() => deadline.abort(agentGone(agent)));
      const reply = await this.#inbox.exchange({
        subject: requests[name].subject(agent),
        ...message,
        signal: ended,
        noResponder: () => noAgentAnswers(agent, url),
      });
      // The definition of this very name: TypeScript does not follow it through the table.
      return parseReply(reply, requests[name].reply) as ReplyOf<Name>;
    } catch (error) {
      throw error instanceof BusClosed ? busLeft({ name, agent, url, isSent, closed: error }) : error;
    } finally {
      clearTimeout(timer);
      watch?.close();
    }
  }

  #watchAgent(onGone: () => void): AgentWatch {
    return new AgentWatch({
      intervalMs: this.#options.agentWatchMs,
      isBusThere: () => this.state.kind === 'connected',
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
        // As above.
        if (payload.success) handler(payload.data as EventOf<Name>);
      },
    });
    return () => {
      if (!this.#connection.isClosed() && !subscription.isClosed()) subscription.unsubscribe();
    };
  }

  /** What the bus lets this user do; the signal ends the questions. */
  rights({ signal }: { signal: AbortSignal }): BusRights {
    const { agent } = this;
    return createBusRights({ connection: this.#connection, inbox: this.#inbox, link: this.#link, agent, signal });
  }

  /** Resolves when the bus has seen everything sent so far; rejects when that takes longer than `timeoutMs`. */
  async flush({
    timeoutMs = defaultRequestTimeoutMs,
    signal,
  }: Pick<RequestOptions, 'timeoutMs' | 'signal'> = {}): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs);
    await abortable(this.#connection.flush(), signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  }

  /** Lets messages under way finish, then ends the connection; never rejects and may be called again. */
  close(): Promise<void> {
    return this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
