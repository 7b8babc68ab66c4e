// Notices another agent of the same name by its heartbeats, and says so until it is gone. It knows no NATS.
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../logger.ts';

/** Of an agent of any version; the rest of its heartbeat may be in another shape. */
const heartbeatSchema = z.looseObject({
  instance: z.string().min(1).max(128),
  version: z.string().optional(),
  startedAt: z.string().optional(),
  stopping: z.boolean().optional(),
});

/** Milliseconds after its last heartbeat that another agent counts as gone: two heartbeats may be lost. */
export const goneAfterMs = 25_000;
/** Milliseconds between log lines about the same one. */
const repeatMs = 60_000;
/** Heartbeats come over the bus: whoever invents instances must not fill the memory. */
const maxOthers = 16;

interface DuplicateAgent {
  heardAt: number;
  loggedAt: number;
}

export interface DuplicateAgentsOptions {
  /** The agent's name, which both have. */
  agent: string;
  /** This process, as its own heartbeats name it. */
  instance: string;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}

export class DuplicateAgents {
  readonly #options: DuplicateAgentsOptions;
  readonly #others = new Map<string, DuplicateAgent>();

  constructor(options: DuplicateAgentsOptions) {
    this.#options = options;
  }

  /** Takes the payload of a heartbeat; anything else is ignored. */
  heard(payload: Uint8Array): void {
    const { agent, instance, clock, logger } = this.#options;
    const heartbeat = parse(payload);
    if (heartbeat === undefined || heartbeat.instance === instance) return;
    // The last heartbeat of an orderly stop: that is how a restart looks.
    if (heartbeat.stopping === true) {
      this.#others.delete(heartbeat.instance);
      return;
    }
    const now = clock.now();
    const known = this.#others.get(heartbeat.instance);
    if (known === undefined && this.#present().length >= maxOthers) return;
    const isDue = known === undefined || now - known.loggedAt >= repeatMs;
    this.#others.set(heartbeat.instance, { heardAt: now, loggedAt: isDue ? now : known.loggedAt });
    if (!isDue) return;
    logger.error(
      `Another agent is named "${agent}" on this bus; each request reaches one of the two. Stop one of them, or give it a name of its own (Agent__Name).`,
      {
        instance,
        otherInstance: heartbeat.instance,
        otherStartedAt: heartbeat.startedAt,
        otherVersion: heartbeat.version,
      },
    );
  }

  /** Why this agent cannot be relied on now, in plain words. */
  get trouble(): string | undefined {
    const [other] = this.#present();
    return other === undefined
      ? undefined
      : `Another agent (instance ${other}) is named "${this.#options.agent}" on this bus, as this one (instance ${this.#options.instance}) is; stop one of them, or give it a name of its own (Agent__Name).`;
  }

  #present(): string[] {
    const now = this.#options.clock.now();
    for (const [instance, { heardAt }] of this.#others) if (now - heardAt >= goneAfterMs) this.#others.delete(instance);
    return [...this.#others.keys()];
  }
}

function parse(payload: Uint8Array): z.infer<typeof heartbeatSchema> | undefined {
  try {
    return heartbeatSchema.safeParse(JSON.parse(new TextDecoder().decode(payload))).data;
  } catch {
    return undefined;
  }
}
