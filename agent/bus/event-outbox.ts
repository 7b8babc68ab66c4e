// Publishes the agent's events, one by one or several in one write. What cannot be sent is dropped with a log line, since events
// are told again or can be asked for.
import type { NatsConnection } from 'nats.ws';
import { events, type EventName, type EventOf } from '../../shared/contract/contract.ts';
import type { Logger } from '../logger.ts';
import { messageHeaders, type Cause } from './message-headers.ts';

export interface PublishOptions {
  /** Further token of the subject, for example a call id. */
  subjectSuffix?: string;
  cause?: Cause;
}

export interface EventOutboxOptions {
  connection: Pick<NatsConnection, 'publish'>;
  agent: string;
  /** `rb-source`. */
  source: string;
  logger: Logger;
}

/**
 * Milliseconds that an event may wait for others. Every write wakes the server, which costs more than all the agent does for a
 * small call: with one write for the events of many calls, a quarter more calls get through.
 */
const soonMs = 10;
/** So many events, and the results that they hold, wait at most. */
const maxWaiting = 64;

export class EventOutbox {
  readonly #options: EventOutboxOptions;
  /** They leave in one write. */
  #waiting: (() => void)[] = [];

  constructor(options: EventOutboxOptions) {
    this.#options = options;
  }

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
        this.publishWaiting();
      }, soonMs);
    } else if (this.#waiting.length === maxWaiting) this.publishWaiting();
  }

  /** Those of `publishSoon`, now. */
  publishWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const publish of waiting) publish();
  }

  #publish(name: EventName, json: () => string | Uint8Array, { subjectSuffix, cause }: PublishOptions): void {
    const { connection, agent, source, logger } = this.#options;
    const definition = events[name];
    const subject = definition.subject(subjectSuffix === undefined ? agent : `${agent}.${subjectSuffix}`);
    try {
      const made = json();
      connection.publish(subject, typeof made === 'string' ? Buffer.from(made, 'utf8') : made, {
        headers: messageHeaders({ type: definition.type, source, contentTrust: definition.trust, cause }),
      });
    } catch (error) {
      logger.warn('An event could not be sent.', { subject, code: (error as { code?: string }).code });
    }
  }
}
