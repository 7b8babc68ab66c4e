// What the bus lets this user do, found out by trying in ways on which nobody acts: messages of no contract version and without
// content, and subscriptions whose messages are not looked at.
import { MsgHdrsImpl, type MsgHdrs, type NatsConnection } from 'nats.ws';
import { abortable } from '../../shared/abort.ts';
import { systemClock } from '../../shared/clock.ts';
import { requests, type RequestName } from '../../shared/contract/contract.ts';
import { metadataHeaders } from '../../shared/contract/metadata.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusLink } from './bus-link.ts';
import type { Inbox } from './inbox.ts';

export type RequestOutcome = 'answered' | 'nobody' | 'silent' | 'forbidden';

export interface BusRights {
  /** Whether answers to this user's requests may be heard. */
  mayHearAnswers(): Promise<boolean>;
  /** `nobody`: it may be sent, and nobody listens. `silent`: somebody listens and did not answer in time. */
  request(name: RequestName): Promise<RequestOutcome>;
  maySubscribe(subject: string): Promise<boolean>;
  mayPublish(subject: string): Promise<boolean>;
}

/** No contract major: agents answer `unsupported_version`, and windows leave such an event out. */
const noVersion = '0';
/** Milliseconds. */
const answerMs = 5_000;
const flushMs = 10_000;

/** Each question is answered within seconds; rejects when the connection is over, or with the signal's reason. */
export function createBusRights(options: {
  connection: NatsConnection;
  inbox: Inbox;
  link: Pick<BusLink, 'onEvent'>;
  agent: string;
  signal: AbortSignal;
}): BusRights {
  const { connection, inbox, link, agent, signal } = options;

  /** The server says what it forbids before it answers this, and the client passes it on in turns of its own. */
  async function settled(): Promise<void> {
    const late = new Error('late');
    using patience = startDeadline(flushMs, { reason: () => late, signal });
    await abortable(connection.flush(), patience.signal).catch((error: unknown) => {
      if (error !== late) throw error;
    });
    await systemClock.sleep(0, signal);
  }

  async function maySubscribe(subject: string): Promise<boolean> {
    let isForbidden = false;
    const subscription = connection.subscribe(subject, {
      callback: (error) => {
        if (error !== null) isForbidden = true;
      },
    });
    try {
      await settled();
      return !isForbidden;
    } finally {
      if (!connection.isClosed() && !subscription.isClosed()) subscription.unsubscribe();
    }
  }

  return {
    maySubscribe,
    mayHearAnswers: () => maySubscribe(inbox.subject),
    async mayPublish(subject) {
      let isForbidden = false;
      const stop = link.onEvent((event) => {
        if (event.kind === 'forbidden' && event.operation === 'publish' && event.subject === subject)
          isForbidden = true;
      });
      try {
        connection.publish(subject, new Uint8Array(), { headers: emptyHeaders() });
        await settled();
        return !isForbidden;
      } finally {
        stop();
      }
    },
    async request(name) {
      const subject = requests[name].subject(agent);
      const nobody = new Error('nobody');
      const silence = new Error('silent');
      using patience = startDeadline(answerMs, { reason: () => silence, signal });
      try {
        await inbox.exchange({
          subject,
          body: new Uint8Array(),
          headers: emptyHeaders(),
          signal: patience.signal,
          noResponder: () => nobody,
        });
        return 'answered';
      } catch (error) {
        if (error === nobody) return 'nobody';
        if (error === silence) return 'silent';
        if (error instanceof RockBotError && error.code === 'forbidden') return 'forbidden';
        throw error;
      }
    },
  };
}

function emptyHeaders(): MsgHdrs {
  return MsgHdrsImpl.fromRecord({ [metadataHeaders.version]: [noVersion] });
}
