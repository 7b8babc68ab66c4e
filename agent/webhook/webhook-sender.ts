// Delivers notices to the operator's webhook in the background: in order within a lane, again with back-off for a day, over
// restarts. It knows nothing of what it tells.
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { KeptText } from '../files/kept-text.ts';
import type { Logger } from '../logger.ts';
import { postWebhook, type Delivery, type WebhookTarget } from './post-webhook.ts';
import { webhookBody, type WebhookNotice } from './webhook-notice.ts';
import type { WebhookOutcome } from './webhook-outcome.ts';
import { WebhookQueue, type OpenEpisode, type WaitingMessage } from './webhook-queue.ts';

export interface WebhookSenderOptions extends WebhookTarget {
  /** The agent's name, in every message. */
  agent: string;
  kept: KeptText;
  clock: Clock;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  onOutcome?: (outcome: WebhookOutcome) => void;
  /** Milliseconds. */
  backoff?: { baseMs: number; maxMs: number };
  /** Milliseconds for which a message is tried. */
  keepMs?: number;
}

const defaultBackoff = { baseMs: 1_000, maxMs: 15 * 60_000 };
const dayMs = 24 * 60 * 60_000;

export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #queue: WebhookQueue;
  readonly #closing = new AbortController();
  readonly #lanes = new Map<string, Promise<void>>();
  /** Said once per outage. */
  #isFailing = false;

  private constructor(options: WebhookSenderOptions, queue: WebhookQueue) {
    this.#options = options;
    this.#queue = queue;
  }

  /** Goes on with what an earlier process left. */
  static async open(options: WebhookSenderOptions): Promise<WebhookSender> {
    const text = await options.kept.load();
    let queue = new WebhookQueue();
    try {
      queue = new WebhookQueue(text);
    } catch (error) {
      options.logger.error('The webhook messages that waited make no sense and are lost.', { error });
    }
    const sender = new WebhookSender(options, queue);
    for (const lane of queue.lanes()) sender.#start(lane);
    return sender;
  }

  /** Takes a notice over; never waits. One whose id was taken before is left out. */
  send(notice: WebhookNotice): void {
    const { agent, clock, logger } = this.#options;
    if (this.#closing.signal.aborted) return;
    const added = this.#queue.add(notice, { body: webhookBody(notice, agent), now: clock.now() });
    if (added === 'known') return;
    if (added !== 'added') {
      const { id, type } = added.dropped;
      this.#options.onOutcome?.('dropped');
      logger.error('Too many webhook messages wait: the oldest one is dropped.', { id, type });
    }
    this.#save();
    this.#start(notice.lane);
  }

  /** Episodes of the lane that a notice opened and none has closed. */
  openEpisodes(lane: string): OpenEpisode[] {
    return this.#queue.openEpisodes(lane);
  }

  /** Ends deliveries under way; what was not delivered goes on at the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The agent is stopping.'));
    await Promise.allSettled(this.#lanes.values());
    await this.#options.kept.close();
  }

  #start(lane: string): void {
    if (this.#lanes.has(lane)) return;
    this.#lanes.set(lane, this.#run(lane));
  }

  async #run(lane: string): Promise<void> {
    const { clock } = this.#options;
    const { maxMs } = this.#options.backoff ?? defaultBackoff;
    const { signal } = this.#closing;
    for (let next = this.#queue.first(lane); next !== undefined; next = this.#queue.first(lane)) {
      // Bounded, in case the clock was set back.
      const delay = Math.min(maxMs, next.nextTryAt - clock.now());
      if (delay > 0) await clock.sleep(delay, signal).catch(() => undefined);
      if (signal.aborted) return;
      const { id, body } = next;
      const delivery = await postWebhook(this.#options, { id, body, nowMs: clock.now(), signal });
      // Ended by the stop of the agent: no try that counts.
      if (signal.aborted && delivery.outcome !== 'ok') return;
      this.#settle(next, delivery);
      this.#save();
    }
    this.#lanes.delete(lane);
  }

  #settle(message: WaitingMessage, delivery: Delivery): void {
    const { clock, logger, onOutcome, url, backoff = defaultBackoff, keepMs = dayMs } = this.#options;
    const { id, type, since, attempts } = message;
    // Never more than the host: path and query may be what makes the address a secret.
    const about = { host: url.host, id, type };
    if (delivery.outcome === 'ok') {
      this.#queue.remove(message);
      onOutcome?.('ok');
      if (this.#isFailing) logger.info('The webhook takes messages again.', about);
      this.#isFailing = false;
      return;
    }
    const { why } = delivery;
    if (delivery.outcome === 'gone' || Math.abs(clock.now() - since) >= keepMs) {
      this.#queue.remove(message);
      onOutcome?.('given_up');
      logger.error('A webhook message could not be delivered and is given up.', { ...about, why });
      return;
    }
    onOutcome?.('failed');
    if (!this.#isFailing)
      logger.warn('The webhook does not take a message; it is tried again for a day.', { ...about, why });
    this.#isFailing = true;
    message.attempts++;
    const delay = Math.max(backoffDelay(attempts, backoff), Math.min(delivery.retryAfterMs ?? 0, backoff.maxMs));
    message.nextTryAt = clock.now() + delay;
  }

  #save(): void {
    this.#options.kept.saveSoon(() => this.#queue.text());
  }
}
