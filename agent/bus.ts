// The agent's side of the bus: serves the contract's requests and publishes its events. nats.ws stays here and in bus/.
import { Events, type NatsConnection, type Status, type Subscription } from 'nats.ws';
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
import { endedWithin } from '../shared/deadline.ts';
import { answerRequest, type RequestContext, type ServedRequest } from './bus/answer-request.ts';
import { connectBus, type ConnectBusOptions, type ConnectedBus } from './bus/connect-bus.ts';
import { DuplicateAgents } from './bus/duplicate-agents.ts';
import { EventOutbox, type PublishOptions } from './bus/event-outbox.ts';
import type { RawReply } from './bus/raw-reply.ts';
import { ReplyBatch } from './bus/reply-batch.ts';
import { ServedSubjects } from './bus/served-subjects.ts';
import type { SocketWatch } from './bus/socket-watch.ts';

export type Handlers = {
  [Name in RequestName]: (
    request: RequestOf<Name>,
    context: RequestContext,
  ) => Promise<Omit<ReplyOf<Name>, 'ok'> | RawReply>;
};

export interface BusOptions extends ConnectBusOptions {
  /** This process, as its heartbeats name it. */
  instance: string;
  /** Lost or connected again. */
  onConnection?: (connected: boolean) => void;
}

/** Room that NATS headers and protocol take in a message beside the payload. */
const headerRoom = 4_096;

export class Bus {
  readonly #connection: NatsConnection;
  readonly #options: BusOptions;
  readonly #source: string;
  readonly #served: ServedSubjects;
  readonly #outbox: EventOutbox;
  readonly #replies = new ReplyBatch();
  readonly #duplicates: DuplicateAgents;
  readonly #heartbeatSubject: string;
  /** Undefined while the server forbids them: then another agent of this name goes unnoticed. */
  #heartbeats: Subscription | undefined;
  readonly #socket: SocketWatch;
  #connected = true;

  private constructor({ connection, socket }: ConnectedBus, options: BusOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#socket = socket;
    this.#source = `agent/${options.agent}`;
    this.#served = new ServedSubjects(connection);
    this.#outbox = new EventOutbox({ ...options, connection, source: this.#source });
    this.#duplicates = new DuplicateAgents({ ...options, clock: systemClock });
    this.#heartbeatSubject = events.agentStatus.subject(options.agent);
    void this.#watch();
  }

  /** Resolves when connected; tries for ever, with jitter, also while the credentials are refused. Rejects when the signal aborts. */
  static async connect(options: BusOptions): Promise<Bus> {
    return new Bus(await connectBus(options), options);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Why not every request can be served now, in plain words. */
  get trouble(): string | undefined {
    if (!this.#connected) return this.#socket.trouble;
    const subject = this.#served.denied;
    return subject === undefined
      ? this.#duplicates.trouble
      : `The bus forbids this agent the subject ${subject}; check the permissions of its NATS user.`;
  }

  /** Why another agent is on this bus under this name, in plain words; undefined while none is heard. */
  get otherAgent(): string | undefined {
    return this.#duplicates.trouble;
  }

  /** Serves every request of the contract, and looks out for another agent that does so under this name. */
  serve(handlers: Handlers): void {
    const { agent, logger } = this.#options;
    for (const name of Object.keys(requests) as RequestName[]) {
      const served: ServedRequest = {
        definition: requests[name],
        handler: handlers[name] as ServedRequest['handler'],
      };
      this.#served.serve(served.definition.subject(agent), (message) =>
        answerRequest(message, served, {
          source: this.#source,
          maxPayload: this.maxPayload,
          batch: this.#replies,
          logger,
        }),
      );
    }
    this.#hearHeartbeats();
  }

  /** Publishes an event; dropped with a log line when it cannot be sent. */
  publish<Name extends EventName>(name: Name, payload: EventOf<Name>, options?: PublishOptions): void {
    this.#outbox.publish(name, payload, options);
  }

  /** As `publish`, a little later, in one write with others and in the order of the calls; `json` makes the payload then. */
  publishSoon(name: EventName, json: () => string | Uint8Array, options?: PublishOptions): void {
    this.#outbox.publishSoon(name, json, options);
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
    await this.#served.end({ deadlineMs, onLate });
    this.#replies.sendWaiting();
    this.#outbox.publishWaiting();
    await endedWithin(1_000, this.#connection.drain());
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  #hearHeartbeats(): void {
    this.#heartbeats = this.#connection.subscribe(this.#heartbeatSubject, {
      callback: (error, { data }) => {
        if (error === null) this.#duplicates.heard(data);
        else this.#heartbeats = undefined;
      },
    });
  }

  async #watch(): Promise<void> {
    try {
      for await (const status of this.#connection.status()) this.#heed(status);
    } catch (error) {
      this.#options.logger.error('The state of the bus connection cannot be followed any more.', { error });
    }
    this.#connected = false;
    this.#served.stopRetrying();
  }

  /** Whatever goes wrong here must not end the watch. */
  #heed(status: Status): void {
    try {
      this.#follow(status);
    } catch (error) {
      this.#options.logger.error('A change of the bus connection could not be followed in full.', {
        change: status.type,
        error,
      });
    }
  }

  #follow({ type, data, permissionContext }: Status): void {
    const { logger, url, onConnection } = this.#options;
    if (type === Events.Disconnect) {
      this.#connected = false;
      logger.warn('The bus connection was lost; it is tried again.', { url });
      onConnection?.(false);
    } else if (type === Events.Reconnect) {
      this.#connected = true;
      this.#socket.connected();
      logger.info('The bus is connected again.', { url });
      this.#served.retryDenied();
      if (this.#heartbeats === undefined) this.#hearHeartbeats();
      onConnection?.(true);
    } else if (type === Events.Error && permissionContext !== undefined) {
      const { operation, subject } = permissionContext;
      if (operation === 'subscription' && subject === this.#heartbeatSubject) {
        logger.debug('The bus forbids this agent its own heartbeats; another of this name would go unnoticed.', {
          subject,
        });
        return;
      }
      if (operation === 'subscription') this.#served.deny(subject);
      logger.error('The bus forbids a subject to this agent; check the permissions of its NATS user.', {
        ...permissionContext,
      });
    } else if (type === Events.Error && isBusAuthCode(data)) this.#socket.refused(data);
  }
}
