// Keeps the calls of the activity view over reloads, those of each agent apart, without arguments and results; bounded, and
// written seldom.
import * as z from 'zod';
import { callSchema, type Call } from './activity-log.ts';

export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const memoryKey = 'rockbot.activity';
const clearedKey = 'rockbot.activityCleared';
const keptCalls = 200;
/** Whoever goes back and forth between agents finds the calls of so many again. */
const keptAgents = 4;
const writeDelayMs = 1_000;

const clearedSchema = z.array(z.object({ agent: z.string(), at: z.number() })).catch([]);
const storedSchema = z.array(z.object({ agent: z.string(), calls: z.array(z.unknown()) })).catch([]);

/** An agent is named by whatever tells it from others, such as its bus and its name. */
export class ActivityMemory {
  readonly #memory: Memory;
  #timer: NodeJS.Timeout | undefined;
  #latest: { agent: string; calls: readonly Call[] } | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Whatever cannot be read is left out; a call that ran then was not heard of since. */
  load(agent: string): Call[] {
    const stored = this.#stored().find((one) => one.agent === agent);
    return (stored?.calls ?? []).flatMap((entry) => {
      const call = callSchema.safeParse(entry);
      return call.success ? [call.data] : [];
    });
  }

  save(agent: string, calls: readonly Call[]): void {
    if (this.#latest !== undefined && this.#latest.agent !== agent) void this.flush();
    this.#latest = { agent, calls };
    this.#timer ??= setTimeout(() => void this.flush(), writeDelayMs);
  }

  /** When the view was cleared last, milliseconds since the epoch; what the agent itself remembers of before is not shown again. */
  clearedAt(agent: string): number {
    return this.#cleared().find((one) => one.agent === agent)?.at ?? 0;
  }

  clear(agent: string, at: number): void {
    const others = this.#cleared().filter((one) => one.agent !== agent);
    void this.#memory.update(clearedKey, [{ agent, at }, ...others].slice(0, keptAgents));
  }

  #cleared(): z.infer<typeof clearedSchema> {
    return clearedSchema.parse(this.#memory.get(clearedKey));
  }

  async flush(): Promise<void> {
    if (this.#timer === undefined || this.#latest === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { agent, calls } = this.#latest;
    const others = this.#stored().filter((one) => one.agent !== agent);
    await this.#memory.update(memoryKey, [{ agent, calls: calls.slice(0, keptCalls) }, ...others].slice(0, keptAgents));
  }

  #stored(): z.infer<typeof storedSchema> {
    return storedSchema.parse(this.#memory.get(memoryKey));
  }
}
