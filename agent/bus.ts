// The agent's side of the bus: serves the contract's requests and publishes its events. The only file that imports nats.ws here.
import {
  connect,
  credsAuthenticator,
  Events,
  MsgHdrsImpl,
  nkeyAuthenticator,
  nkeys,
  type ConnectionOptions,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from 'nats.ws';
import { rootCertificates } from 'node:tls';
import { WebSocket } from 'ws';
import { backoffDelay } from '../shared/backoff.ts';
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
import { createMetadata, isSupportedVersion, metadataHeaders, metadataRecord } from '../shared/contract/metadata.ts';
import { RockBotError } from '../shared/errors/rockbot-error.ts';
import { toWireError } from '../shared/errors/wire-error.ts';
import { describeIssues } from '../shared/describe-issues.ts';
import type { Logger } from './logger.ts';

/** A reply whose JSON is made already; sent as it is, because a large tool result is never serialised twice. */
export class RawReply {
  readonly json: Uint8Array | string;
  /** What the caller need not wait for: run once the reply is on its way. */
  readonly afterwards: (() => void) | undefined;

  constructor(json: Uint8Array | string, afterwards?: () => void) {
    this.json = json;
    this.afterwards = afterwards;
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

export interface BusOptions {
  url: string;
  nkeySeed?: string | undefined;
  creds?: string | undefined;
  /** PEM of an extra CA. */
  ca?: string | undefined;
  agent: string;
  logger: Logger;
  signal?: AbortSignal;
  /** Connected, lost or connected again. */
  onConnection?: (connected: boolean) => void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Room that NATS headers and protocol take in a message beside the payload. */
const headerRoom = 4_096;
/**
 * nats-server does not check where a request wants its reply: answered on one of these, it would come from the agent as
 * an event that it never published.
 */
const contractSubject = /^(?:auth|tool|mcp|patrol|agent)\.|^\$/;

const chunkBytes = 512 * 1024;

/** Milliseconds between tries to serve a subject that the server forbade. */
const deniedRetryMs = 30_000;

export class Bus {
  readonly #connection: NatsConnection;
  readonly #options: BusOptions;
  readonly #source: string;
  /** Subjects that the server does not let this agent serve, with how to try again. */
  readonly #denied = new Map<string, () => void>();
  readonly #retryDenied: ReturnType<typeof setInterval>;
  readonly #serving = new Set<Subscription>();
  /** Requests under way. */
  readonly #handling = new Set<Promise<void>>();
  /** What is left to do for requests that are answered; done together, so that its messages leave in one write. */
  #afterwards: (() => void)[] = [];
  #connected = true;

  private constructor(connection: NatsConnection, options: BusOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#source = `agent/${options.agent}`;
    this.#retryDenied = setInterval(() => {
      this.#resubscribeDenied();
    }, deniedRetryMs).unref();
    void this.#watch();
  }

  /** Resolves when connected; tries for ever, with jitter, also while the credentials are refused. Rejects when the signal aborts. */
  static async connect(options: BusOptions): Promise<Bus> {
    const { logger, signal } = options;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return new Bus(await connect(connectionOptions(options)), options);
      } catch (error) {
        const code = (error as { code?: string }).code ?? 'unknown';
        if (code === 'AUTHORIZATION_VIOLATION') {
          logger.error('The bus refused the credentials of the agent; check Nats__NkeySeedFile or Nats__CredsFile.', {
            url: options.url,
          });
        } else if (attempt % 10 === 0) {
          logger.warn('The bus cannot be reached yet; it is tried again.', { url: options.url, code, attempt });
        }
        await systemClock.sleep(backoffDelay(attempt, { baseMs: 100, maxMs: 5_000 }), signal);
      }
    }
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** True while connected and allowed to serve every subject. */
  get ready(): boolean {
    return this.#connected && this.#denied.size === 0;
  }

  /** Why `ready` is false, in plain words. */
  get trouble(): string | undefined {
    if (!this.#connected) return 'The bus is not connected.';
    const [subject] = this.#denied.keys();
    return subject === undefined
      ? undefined
      : `The bus forbids this agent the subject ${subject}; check the permissions of its NATS user.`;
  }

  /** Serves every request of the contract. */
  serve(handlers: Handlers): void {
    for (const name of Object.keys(requests) as RequestName[]) {
      this.#subscribe(requests[name], handlers[name] as AnyHandler);
    }
  }

  #subscribe(definition: RequestDefinition, handler: AnyHandler): void {
    const subject = definition.subject(this.#options.agent);
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) this.#track(this.#handle(definition, handler, message));
        // The only error of a subscription is that the server forbids it; nats.ws has then dropped it.
        else
          this.#denied.set(subject, () => {
            this.#subscribe(definition, handler);
          });
      },
    });
    this.#serving.add(subscription);
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
    this.publishRaw(name, JSON.stringify(payload), options);
  }

  /** As `publish`, for JSON that is made already. */
  publishRaw(name: EventName, json: string | Uint8Array, options: PublishOptions = {}): void {
    const { agent, logger } = this.#options;
    const definition = events[name];
    const subject = definition.subject(
      options.subjectSuffix === undefined ? agent : `${agent}.${options.subjectSuffix}`,
    );
    try {
      this.#connection.publish(subject, toBytes(json), {
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
    for (const subscription of this.#serving) subscription.unsubscribe();
    await withDeadline(Promise.allSettled(this.#handling), deadlineMs);
    if (this.#handling.size > 0) {
      onLate?.();
      await withDeadline(Promise.allSettled(this.#handling), 500);
    }
    this.#runAfterwards();
    await withDeadline(this.#connection.drain(), 1_000);
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  async #handle(definition: RequestDefinition, handler: AnyHandler, message: Msg): Promise<void> {
    const { headers } = message;
    const header = (name: string): string | undefined => headers?.get(name) || undefined;
    const context: RequestContext = {
      source: header(metadataHeaders.source) ?? 'unknown',
      inbox: message.reply?.split('.', 1)[0] ?? '',
      correlationId: header(metadataHeaders.correlationId) ?? header(metadataHeaders.id),
      traceparent: header(metadataHeaders.traceparent),
      payload: message.data,
    };
    let reply: string | Uint8Array;
    let afterwards: (() => void) | undefined;
    try {
      if (!isSupportedVersion(header(metadataHeaders.version)))
        throw unsupportedVersion(header(metadataHeaders.version));
      const answer = await handler(parseRequest(definition, message.data), context);
      if (answer instanceof RawReply) ({ json: reply, afterwards } = answer);
      else reply = JSON.stringify({ ok: true, ...answer });
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
    if (afterwards !== undefined) this.#runLater(afterwards);
  }

  /** nats.ws sends at the end of this turn; so the next one is the first that does not hold the reply up. */
  #runLater(task: () => void): void {
    this.#afterwards.push(task);
    if (this.#afterwards.length === 1)
      setImmediate(() => {
        this.#runAfterwards();
      });
  }

  #runAfterwards(): void {
    const tasks = this.#afterwards;
    this.#afterwards = [];
    for (const task of tasks) {
      try {
        task();
      } catch (error) {
        this.#options.logger.error('What follows a reply could not be done.', { error });
      }
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
    const headers = this.#headers(`${definition.type}.reply`, definition.replyTrust, context);
    if (reply.length <= this.maxPayload) {
      message.respond(reply, { headers });
      return;
    }
    if (!acceptsChunks) {
      const error = new RockBotError({
        code: 'payload_too_large',
        message: `The reply has ${reply.length} bytes, one message of this bus at most ${this.maxPayload}.`,
        action: `Send the header ${metadataHeaders.acceptChunks}: 1 and put the parts together as docs/contract.md says, or ask for less.`,
      });
      message.respond(encoder.encode(JSON.stringify({ ok: false, error: toWireError(error) })), { headers });
      return;
    }
    const size = Math.min(chunkBytes, this.maxPayload);
    const count = Math.ceil(reply.length / size);
    for (let index = 0; index < count; index++) {
      const partHeaders = this.#headers(`${definition.type}.reply`, definition.replyTrust, context);
      partHeaders.set(metadataHeaders.chunk, `${index}/${count}`);
      message.respond(reply.subarray(index * size, (index + 1) * size), { headers: partHeaders });
    }
  }

  #headers(type: string, contentTrust: RequestDefinition['trust'], cause?: Cause): MsgHdrs {
    const metadata = createMetadata({ type, source: this.#source, contentTrust, now: Date.now(), cause });
    // Its `set` and `append` look every name up several times over.
    return MsgHdrsImpl.fromRecord(metadataRecord(metadata));
  }

  async #watch(): Promise<void> {
    const { logger, url } = this.#options;
    for await (const { type, permissionContext } of this.#connection.status()) {
      if (type === Events.Disconnect) {
        this.#connected = false;
        this.#options.onConnection?.(false);
        logger.warn('The bus connection was lost; it is tried again.', { url });
      } else if (type === Events.Reconnect) {
        this.#connected = true;
        this.#resubscribeDenied();
        this.#options.onConnection?.(true);
        logger.info('The bus is connected again.', { url });
      } else if (type === Events.Error && permissionContext !== undefined) {
        logger.error('The bus forbids a subject to this agent; check the permissions of its NATS user.', {
          ...permissionContext,
        });
      }
    }
    this.#connected = false;
    clearInterval(this.#retryDenied);
  }
}

/** nats.ws takes a socket factory but does not export its type. */
type WsConnectionOptions = ConnectionOptions & {
  wsFactory: (address: string) => Promise<{ socket: WebSocket; encrypted: boolean }>;
};

type AnyHandler = (request: unknown, context: RequestContext) => Promise<object | RawReply>;

function connectionOptions({ url, nkeySeed, creds, ca, agent }: BusOptions): WsConnectionOptions {
  const authenticator =
    nkeySeed !== undefined
      ? nkeyAuthenticator(encoder.encode(nkeySeed))
      : creds !== undefined
        ? credsAuthenticator(encoder.encode(creds))
        : undefined;
  return {
    servers: url,
    name: `rockbot-agent ${agent}`,
    ...(authenticator !== undefined && { authenticator }),
    ...(nkeySeed !== undefined && { inboxPrefix: `_INBOX_${nkeys.fromSeed(encoder.encode(nkeySeed)).getPublicKey()}` }),
    maxReconnectAttempts: -1,
    waitOnFirstConnect: false,
    reconnectDelayHandler: () => backoffDelay(2, { baseMs: 250, maxMs: 2_000 }),
    ignoreAuthErrorAbort: true,
    pingInterval: 20_000,
    noAsyncTraces: true,
    wsFactory: async (address) => ({
      socket: new WebSocket(address, {
        perMessageDeflate: false,
        ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
      }),
      encrypted: address.startsWith('wss:'),
    }),
  };
}

function parseRequest(definition: RequestDefinition, data: Uint8Array): unknown {
  let json: unknown;
  try {
    json = data.length === 0 ? {} : JSON.parse(decoder.decode(data));
  } catch (error) {
    throw new RockBotError({
      code: 'invalid_request',
      message: 'The payload is no JSON.',
      action: 'Send a JSON object.',
      cause: error,
    });
  }
  const parsed = definition.request.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RockBotError({
    code: 'invalid_request',
    message: `The payload is not as the contract says: ${describeIssues(parsed.error)}.`,
    action: 'Correct the request.',
  });
}

function unsupportedVersion(version: string | undefined): RockBotError {
  return new RockBotError({
    code: 'unsupported_version',
    message: `This agent speaks version 1 of the contract, not ${version ?? ''}.`,
    action: 'Use a client of the same major version.',
  });
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
