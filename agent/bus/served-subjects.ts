// The subjects that the agent answers on: subscribed to, given up where the server forbids them and tried again, and let end in
// order. It knows neither messages nor handlers.
import type { Msg, NatsConnection, Subscription } from 'nats.ws';
import { endedWithin } from '../../shared/deadline.ts';

/** Answers one message; never rejects. */
export type Answer = (message: Msg) => Promise<void>;

export interface EndOptions {
  /** Milliseconds for what is under way. */
  deadlineMs: number;
  /** Ends what still runs after that, so that its callers are answered all the same. */
  onLate?: (() => void) | undefined;
}

/** Agents of one name share it, so that a request reaches one of them and no side effect comes about twice. */
const queueGroup = 'rockbot-agent';
/** Milliseconds between tries to serve a subject that the server forbade. */
const deniedRetryMs = 30_000;
/** Milliseconds for the answers of what had to be ended. */
const lateMs = 500;

export class ServedSubjects {
  readonly #connection: Pick<NatsConnection, 'subscribe'>;
  readonly #subscriptions = new Map<string, { subscription: Subscription; answer: Answer }>();
  /** Subjects that the server does not let this agent serve. */
  readonly #denied = new Map<string, Answer>();
  readonly #retry: ReturnType<typeof setInterval>;
  readonly #underWay = new Set<Promise<void>>();

  constructor(connection: Pick<NatsConnection, 'subscribe'>) {
    this.#connection = connection;
    this.#retry = setInterval(() => {
      this.retryDenied();
    }, deniedRetryMs).unref();
  }

  serve(subject: string, answer: Answer): void {
    const subscription = this.#connection.subscribe(subject, {
      queue: queueGroup,
      callback: (error, message) => {
        if (error === null) this.#track(answer(message));
      },
    });
    this.#subscriptions.set(subject, { subscription, answer });
  }

  /** One of those that the server forbids now. */
  get denied(): string | undefined {
    const [subject] = this.#denied.keys();
    return subject;
  }

  /** nats.ws forgets a subscription that was forbidden, but not in every case with a queue group of an older server. */
  deny(subject: string): void {
    const served = this.#subscriptions.get(subject);
    if (served === undefined) return;
    this.#subscriptions.delete(subject);
    served.subscription.unsubscribe();
    this.#denied.set(subject, served.answer);
  }

  retryDenied(): void {
    const again = [...this.#denied];
    this.#denied.clear();
    for (const [subject, answer] of again) this.serve(subject, answer);
  }

  /** Takes nothing more, and waits for what is under way. */
  async end({ deadlineMs, onLate }: EndOptions): Promise<void> {
    this.stopRetrying();
    for (const { subscription } of this.#subscriptions.values()) subscription.unsubscribe();
    await endedWithin(deadlineMs, Promise.allSettled(this.#underWay));
    if (this.#underWay.size === 0) return;
    onLate?.();
    await endedWithin(lateMs, Promise.allSettled(this.#underWay));
  }

  stopRetrying(): void {
    clearInterval(this.#retry);
  }

  #track(answering: Promise<void>): void {
    this.#underWay.add(answering);
    void answering.finally(() => this.#underWay.delete(answering));
  }
}
