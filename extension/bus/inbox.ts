// The answers to this program's requests: one subscription, and who waits for what. It knows no payloads.
import type { Msg, MsgHdrs, NatsConnection, Subscription } from 'nats.ws';
import { abortable } from '../../shared/abort.ts';
import { metadataHeaders } from '../../shared/contract/metadata.ts';
import { permissionViolation } from './bus-failures.ts';
import type { Reply } from './parse-reply.ts';
import { ReplyParts } from './reply-parts.ts';

interface PendingRequest {
  subject: string;
  onReply: (message: Msg) => void;
  fail: (error: Error) => void;
}

export interface Exchange {
  subject: string;
  body: Uint8Array;
  headers: MsgHdrs;
  signal: AbortSignal;
  /** Makes the error for a subject that nobody serves. */
  noResponder: () => Error;
}

export class Inbox {
  readonly #connection: NatsConnection;
  /** Per connection, because programs with the same nkey share the prefix. */
  readonly #subject: string;
  readonly #pending = new Map<string, PendingRequest>();
  #subscription: Subscription | undefined;
  #requestCount = 0;

  constructor(connection: NatsConnection, prefix: string) {
    this.#connection = connection;
    this.#subject = `${prefix}.${crypto.randomUUID().replaceAll('-', '')}`;
  }

  /** What the bus has to let this user subscribe to. */
  get subject(): string {
    return `${this.#subject}.*`;
  }

  /** Publishes the request and resolves with its whole answer; rejects with the signal's reason. */
  async exchange({ subject, body, headers, signal, noResponder }: Exchange): Promise<Reply> {
    this.#listen();
    this.#requestCount += 1;
    const replyTo = `${this.#subject}.${this.#requestCount.toString(36)}`;
    const parts = new ReplyParts();
    const answered = new Promise<Reply>((resolve, reject) => {
      this.#pending.set(replyTo, {
        subject,
        fail: reject,
        onReply: (reply) => {
          if (reply.data.length === 0 && reply.headers?.code === 503) {
            reject(noResponder());
            return;
          }
          try {
            const data = parts.add(reply.data, reply.headers?.get(metadataHeaders.chunk));
            if (data !== undefined) resolve({ data, version: reply.headers?.get(metadataHeaders.version) });
          } catch (error) {
            reject(error);
          }
        },
      });
    });
    try {
      this.#connection.publish(subject, body, { reply: replyTo, headers });
      return await abortable(answered, signal);
    } finally {
      this.#pending.delete(replyTo);
    }
  }

  /** Ends the requests to `subject`, or all of them. */
  fail(error: Error, subject?: string): void {
    for (const pending of this.#pending.values()) {
      if (subject === undefined || pending.subject === subject) pending.fail(error);
    }
  }

  /** Made anew after the bus refused it. */
  #listen(): void {
    if (this.#subscription !== undefined && !this.#subscription.isClosed()) return;
    const { subject } = this;
    this.#subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) this.#pending.get(message.subject)?.onReply(message);
        else this.fail(permissionViolation(subject, 'subscribe'));
      },
    });
  }
}
