// The webhook messages that are still to be delivered and what was delivered before, as they are kept on the volume; it sends
// nothing.
import * as z from 'zod';
import type { WebhookNotice } from './webhook-notice.ts';

const waitingSchema = z.object({
  id: z.string(),
  type: z.string(),
  lane: z.string(),
  body: z.string(),
  /** Milliseconds since the epoch. */
  since: z.number(),
  attempts: z.number().int().nonnegative(),
  nextTryAt: z.number(),
});

export type WaitingMessage = z.infer<typeof waitingSchema>;

const queueSchema = z.object({
  version: z.literal(1),
  waiting: z.array(waitingSchema),
  /** Ids that are not sent again, oldest first. */
  known: z.array(z.string()),
  /** Episodes that were told of and have not ended: when that was, ISO 8601. */
  open: z.record(z.string(), z.object({ lane: z.string(), at: z.string() })),
});

type QueueState = z.infer<typeof queueSchema>;

const maxWaiting = 200;
const maxKnown = 1_000;
const maxOpen = 200;

export interface OpenEpisode {
  episode: string;
  /** ISO 8601. */
  at: string;
}

export class WebhookQueue {
  readonly #state: QueueState;

  /** `text`: of an earlier queue. Throws for one that makes no sense. */
  constructor(text?: string) {
    this.#state =
      text === undefined ? { version: 1, waiting: [], known: [], open: {} } : queueSchema.parse(JSON.parse(text));
  }

  /** `known` for what was sent, or waits, already; `full` when an older message had to go for it. */
  add(
    notice: WebhookNotice,
    { body, now }: { body: string; now: number },
  ): 'added' | 'known' | { dropped: WaitingMessage } {
    const { waiting, known, open } = this.#state;
    const { id, type, lane, at, opens, closes } = notice;
    if (known.includes(id)) return 'known';
    if (closes !== undefined && open[closes] === undefined) return 'known';
    if (opens !== undefined && open[opens] !== undefined) return 'known';
    if (closes !== undefined) delete open[closes];
    if (opens !== undefined) open[opens] = { lane, at };
    for (const episode of Object.keys(open).slice(0, -maxOpen)) delete open[episode];
    known.push(id);
    known.splice(0, known.length - maxKnown);
    waiting.push({ id, type, lane, body, since: now, attempts: 0, nextTryAt: now });
    const dropped = waiting.length > maxWaiting ? waiting.shift() : undefined;
    return dropped === undefined ? 'added' : { dropped };
  }

  lanes(): string[] {
    return [...new Set(this.#state.waiting.map(({ lane }) => lane))];
  }

  /** The oldest of the lane: the next one waits for it. */
  first(lane: string): WaitingMessage | undefined {
    return this.#state.waiting.find((message) => message.lane === lane);
  }

  remove({ id }: Pick<WaitingMessage, 'id'>): void {
    this.#state.waiting = this.#state.waiting.filter((message) => message.id !== id);
  }

  openEpisodes(lane: string): OpenEpisode[] {
    return Object.entries(this.#state.open)
      .filter(([, episode]) => episode.lane === lane)
      .map(([episode, { at }]) => ({ episode, at }));
  }

  text(): string {
    return `${JSON.stringify(this.#state)}\n`;
  }
}
