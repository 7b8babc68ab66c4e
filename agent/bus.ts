// The agent's side of the bus: serves the contract's requests and publishes its events. nats.ws stays here and in bus/.
import { connect, Events, MsgHdrsImpl, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from 'nats.ws';
import { backoffDelay } from '../shared/backoff.ts';
import { isBusAuthCode } from '../shared/bus-auth-code.ts';
import { systemClock } from '../shared/clock.ts';
import {
  events,
  requests,
  type EventName,
  type EventOf,
  type ReplyOf,
  type RequestName,
  type RequestOf,
} from '../shared/contract/contract.ts';
import type { RequestDefinition } from '../shared/contract/definition.ts';
import { createMetadata, metadataHeaders, metadataRecord } from '../shared/contract/metadata.ts';
import { RockBotError } from '../shared/errors/rockbot-error.ts';
import { toWireError } from '../shared/errors/wire-error.ts';
import { connectionOptions, type BusConnectionSettings } from './bus/connection-options.ts';
import { Namesakes } from './bus/namesakes.ts';
import { malformedHeaders, parseRequest } from './bus/parse-request.ts';
import { replyMessages } from './bus/reply-messages.ts';
import { SocketWatch } from './bus/socket-watch.ts';
import type { Logger } from './logger.ts';

/** A reply whose JSON is made already; sent as it is, because a large tool result is never serialised twice. */
export class RawReply {
  readonly json: Uint8Array | string;

  constructor(json: Uint8Array | string) {
    this.json = json;
  }
}

/** Who asked and how the request is to be followed. */
export interface RequestContext {
  /** The caller as it names itself; a claim, not a proof. */
  source: string;
  /** The caller's inbox prefix, which the server's permissions tie to its user. */
  inbox: string;
  correlationId: string | undefined;
  traceparent: string | undefined;
  /** As it came; bounded where it is read. */
  tracestate: string | undefined;
  /** Bytes of the request as they came. */
  payload: Uint8Array;
}

/** The message that this one answers or follows from. */
export interface Cause {
  correlationId?: string | undefined;
  traceparent?: string | undefined;
}

export interface PublishOptions {
  /** Further token of the subject, for example a call id. */
  subjectSuffix?: string;
  cause?: Cause;
}

export type Handlers = {
  [Name in RequestName]: (
    request: RequestOf<Name>,
    context: RequestContext,
  ) => Promise<Omit<ReplyOf<Name>, 'ok'> | RawReply>;
};

export interface BusOptions extends Omit<BusConnectionSettings, 'onSocketError'> {
  /** This process, as its heartbeats name it. */
  instance: string;
  logger: Logger;
  signal?: AbortSignal;
  /** Why there is no first connection yet, in plain words. */
  onTrouble?: (why: string) => void;
  /** Connected, lost or connected again. */
  onConnection?: (connected: boolean) => void;
}

/** Room that NATS headers and protocol take in a message beside the payload. */
const headerRoom = 4_096;
/**
 * nats-server does not check where a request wants its reply: answered on one of these, it would come from the agent as
 * an event that it never published.
 */
const contractSubject = /^(?:auth|tool|resource|prompt|elicitation|mcp|patrol|agent)\.|^\$/;

/**
 * Milliseconds that an event may wait for others. Every write wakes the server, which costs more than all the agent does for a
 * small call: with one write for the events of many calls, a quarter more calls get through.
 */
const soonMs = 10;
/** So many events, and the results that they hold, wait at most. */
const maxWaiting = 64;

/** Longest value of a request's header that is looked at, in characters. */
const maxHeaderLength = 128;

/** Agents of one name share it, so that a request reaches one of them and no side effect comes about twice. */
const queueGroup = 'rockbot-agent';

/** Milliseconds between tries to serve a subject that the server forbade. */
const deniedRetryMs = 30_000;

export class Bus {
  readonly #connection: NatsConnection;
  readonly #options: BusOptions;
  readonly #source: string;
  /** What is served, by subject. */
  readonly #serving = new Map<string, { subscription: Subscription; subscribe: () => void }>();
  /** Subjects that the server does not let this agent serve, with how to try again. */
  readonly #denied = new Map<string, () => void>();
  readonly #retryDenied: ReturnType<typeof setInterval>;
  readonly #namesakes: Namesakes;
  readonly #heartbeatSubject: string;
  /** Undefined while the server forbids them: then another agent of this name goes unnoticed. */
  #heartbeats: Subscription | undefined;
  readonly #socket: SocketWatch;
  /** Requests under way. */
  readonly #handling = new Set<Promise<void>>();
  /** Events that wait to leave in one write. */
  #waiting: (() => void)[] = [];
  #connected = true;

  private constructor(connection: NatsConnection, options: BusOptions, socket: SocketWatch) {
    this.#connection = connection;
    this.#options = options;
    this.#socket = socket;
    socket.connected();
    this.#namesakes = new Namesakes({ ...options, clock: systemClock });
    this.#heartbeatSubject = events.agentStatus.subject(options.agent);
    this.#source = `agent/${options.agent}`;
    this.#retryDenied = setInterval(() => {
      this.#resubscribeDenied();
    }, deniedRetryMs).unref();
    void this.#watch();
  }

  /** Resolves when connected; tries for ever, with jitter, also while the credentials are refused. Rejects when the signal aborts. */
  static async connect(options: BusOptions): Promise<Bus> {
    const { logger, signal, url } = options;
    const socket = new SocketWatch(options);
    const onSocketError = (error: unknown): void => {
      socket.failed(error);
    };
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const { failures } = socket;
      try {
        return new Bus(await connect(connectionOptions({ ...options, onSocketError })), options, socket);
      } catch (error) {
        const code = (error as { code?: string }).code ?? 'unknown';
        if (isBusAuthCode(code)) {
          socket.refused(code);
        } else if (socket.failures === failures && attempt % 10 === 0) {
          // The socket had no failure; what came over it, or nothing at all, was no bus.
          logger.warn('The bus cannot be reached yet; it is tried again.', { url, code, attempt });
        }
        options.onTrouble?.(socket.trouble);
        await systemClock.sleep(backoffDelay(attempt, { baseMs: 100, maxMs: 5_000 }), signal);
      }
    }
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Why not every request can be served now, in plain words. */
  get trouble(): string | undefined {
    if (!this.#connected) return this.#socket.trouble;
    const [subject] = this.#denied.keys();
    return subject === undefined
      ? this.#namesakes.trouble
      : `The bus forbids this agent the subject ${subject}; check the permissions of its NATS user.`;
  }

  /** Serves every request of the contract, and looks out for another agent that does so under this name. */
  serve(handlers: Handlers): void {
    for (const name of Object.keys(requests) as RequestName[]) {
      this.#subscribe(requests[name], handlers[name] as AnyHandler);
    }
    this.#hearHeartbeats();
  }

  #subscribe(definition: RequestDefinition, handler: AnyHandler): void {
    const subject = definition.subject(this.#options.agent);
    const subscription = this.#connection.subscribe(subject, {
      queue: queueGroup,
      callback: (error, message) => {
        if (error === null) this.#track(this.#handle(definition, handler, message));
      },
    });
    const subscribe = (): void => {
      this.#subscribe(definition, handler);
    };
    this.#serving.set(subject, { subscription, subscribe });
  }

  #hearHeartbeats(): void {
    this.#heartbeats = this.#connection.subscribe(this.#heartbeatSubject, {
      callback: (error, { data }) => {
        if (error === null) this.#namesakes.heard(data);
        else this.#heartbeats = undefined;
      },
    });
  }

  /** nats.ws forgets a subscription that was forbidden, but not in every case with a queue group of an older server. */
  #deny(subject: string): void {
    const served = this.#serving.get(subject);
    if (served === undefined) return;
    this.#serving.delete(subject);
    served.subscription.unsubscribe();
    this.#denied.set(subject, served.subscribe);
  }

  #track(handling: Promise<void>): void {
    this.#handling.add(handling);
    void handling.finally(() => this.#handling.delete(handling));
  }

  #resubscribeDenied(): void {
    const again = [...this.#denied.values()];
    this.#denied.clear();
    for (const subscribe of again) subscribe();
  }

  /** Publishes an event; dropped with a log line when it cannot be sent, since events are told again or can be asked for. */
  publish<Name extends EventName>(name: Name, payload: EventOf<Name>, options: PublishOptions = {}): void {
    this.#publish(name, () => JSON.stringify(payload), options);
  }

  /**
   * As `publish`, a little later, in one write with others and in the order of the calls. `json` makes the payload then: a
   * large result is never serialised twice, and what it takes does not hold the reply up.
   */
  publishSoon(name: EventName, json: () => string | Uint8Array, options: PublishOptions = {}): void {
    this.#waiting.push(() => {
      this.#publish(name, json, options);
    });
    if (this.#waiting.length === 1) {
      setTimeout(() => {
        this.#publishWaiting();
      }, soonMs);
    } else if (this.#waiting.length === maxWaiting) this.#publishWaiting();
  }

  #publishWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const publish of waiting) publish();
  }

  #publish(name: EventName, json: () => string | Uint8Array, options: PublishOptions): void {
    const { agent, logger } = this.#options;
    const definition = events[name];
    const subject = definition.subject(
      options.subjectSuffix === undefined ? agent : `${agent}.${options.subjectSuffix}`,
    );
    try {
      this.#connection.publish(subject, toBytes(json()), {
        headers: this.#headers(definition.type, definition.trust, options.cause),
      });
    } catch (error) {
      logger.warn('An event could not be sent.', { subject, code: (error as { code?: string }).code });
    }
  }

  /** Largest payload of one message in bytes. */
  get maxPayload(): number {
    return (this.#connection.info?.max_payload ?? 1_048_576) - headerRoom;
  }

  async flush(): Promise<void> {
    await this.#connection.flush();
  }

  /**
   * Stops taking requests, lets those under way end, sends what is queued, and closes. `onLate` is to end what still runs
   * after `deadlineMs`, so that its callers are answered all the same.
   */
  async drain({ deadlineMs = 5_000, onLate }: { deadlineMs?: number; onLate?: () => void } = {}): Promise<void> {
    if (this.#connection.isClosed()) return;
    for (const { subscription } of this.#serving.values()) subscription.unsubscribe();
    await withDeadline(Promise.allSettled(this.#handling), deadlineMs);
    if (this.#handling.size > 0) {
      onLate?.();
      await withDeadline(Promise.allSettled(this.#handling), 500);
    }
    this.#publishWaiting();
    await withDeadline(this.#connection.drain(), 1_000);
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  async #handle(definition: RequestDefinition, handler: AnyHandler, message: Msg): Promise<void> {
    const headers = headersOf(message);
    // Bounded, because it goes on to the reply's headers, events and the audit log.
    const header = (name: string): string | undefined => headers?.get(name).slice(0, maxHeaderLength) || undefined;
    const context: RequestContext = {
      source: header(metadataHeaders.source) ?? 'unknown',
      inbox: message.reply?.split('.', 1)[0] ?? '',
      correlationId: header(metadataHeaders.correlationId) ?? header(metadataHeaders.id),
      traceparent: header(metadataHeaders.traceparent),
      tracestate: headers?.get(metadataHeaders.tracestate) || undefined,
      payload: message.data,
    };
    let reply: string | Uint8Array;
    try {
      if (headers === null) throw malformedHeaders();
      const request = parseRequest(definition, { data: message.data, version: header(metadataHeaders.version) });
      const answer = await handler(request, context);
      reply = answer instanceof RawReply ? answer.json : JSON.stringify({ ok: true, ...answer });
    } catch (error) {
      if (!(error instanceof RockBotError)) {
        this.#options.logger.error('A request failed unexpectedly.', {
          type: definition.type,
          correlationId: context.correlationId,
          error,
        });
      }
      reply = JSON.stringify({ ok: false, error: toWireError(error) });
    }
    try {
      this.#respond(definition, message, toBytes(reply), {
        context,
        acceptsChunks: header(metadataHeaders.acceptChunks) === '1',
      });
    } catch (error) {
      this.#options.logger.error('A reply could not be sent.', {
        type: definition.type,
        correlationId: context.correlationId,
        error,
      });
    }
  }

  #respond(
    definition: RequestDefinition,
    message: Msg,
    reply: Uint8Array,
    { context, acceptsChunks }: { context: RequestContext; acceptsChunks: boolean },
  ): void {
    if (message.reply === undefined || message.reply === '') return;
    if (contractSubject.test(message.reply)) {
      this.#options.logger.warn('A request asked for its reply on a subject of the contract; it gets none.', {
        subject: message.subject,
        reply: message.reply,
      });
      return;
    }
    for (const { payload, chunk } of replyMessages(reply, { maxPayload: this.maxPayload, acceptsChunks })) {
      const headers = this.#headers(`${definition.type}.reply`, definition.replyTrust, context);
      if (chunk !== undefined) headers.set(metadataHeaders.chunk, chunk);
      message.respond(payload, { headers });
    }
  }

  #headers(type: string, contentTrust: RequestDefinition['trust'], cause?: Cause): MsgHdrs {
    const metadata = createMetadata({ type, source: this.#source, contentTrust, now: Date.now(), cause });
    // Its `set` and `append` look every name up several times over.
    return MsgHdrsImpl.fromRecord(metadataRecord(metadata));
  }

  async #watch(): Promise<void> {
    const { logger, url } = this.#options;
    for await (const { type, data, permissionContext } of this.#connection.status()) {
      if (type === Events.Disconnect) {
        this.#connected = false;
        this.#options.onConnection?.(false);
        logger.warn('The bus connection was lost; it is tried again.', { url });
      } else if (type === Events.Reconnect) {
        this.#connected = true;
        this.#socket.connected();
        this.#resubscribeDenied();
        if (this.#heartbeats === undefined) this.#hearHeartbeats();
        this.#options.onConnection?.(true);
        logger.info('The bus is connected again.', { url });
      } else if (type === Events.Error && permissionContext !== undefined) {
        const { operation, subject } = permissionContext;
        if (operation === 'subscription' && subject === this.#heartbeatSubject) {
          logger.debug('The bus forbids this agent its own heartbeats; another of this name would go unnoticed.', {
            subject,
          });
          continue;
        }
        if (operation === 'subscription') this.#deny(subject);
        logger.error('The bus forbids a subject to this agent; check the permissions of its NATS user.', {
          ...permissionContext,
        });
      } else if (type === Events.Error && isBusAuthCode(data)) this.#socket.refused(String(data));
    }
    this.#connected = false;
    clearInterval(this.#retryDenied);
  }
}

type AnyHandler = (request: unknown, context: RequestContext) => Promise<object | RawReply>;

/** Null when they are malformed; nats.ws reads them at the first look and throws then. */
function headersOf(message: Msg): MsgHdrs | undefined | null {
  try {
    return message.headers;
  } catch {
    return null;
  }
}

async function withDeadline(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
}

function toBytes(json: string | Uint8Array): Uint8Array {
  return typeof json === 'string' ? Buffer.from(json, 'utf8') : json;
}
