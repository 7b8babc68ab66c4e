// Keeps the calls of the activity view over reloads, those of each agent apart, without arguments and results; bounded, and
// written seldom.
import * as z from 'zod';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { callSchema, lose, mergeCalls, reduceActivity, type Call } from './activity-log.ts';

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
  load(agent: string): readonly Call[] {
    return lose(this.#callsOf(agent), () => true);
  }

  /** A call of this window has ended, of an agent that it does not follow any more. */
  end(result: ToolResultEvent): void {
    void this.flush();
    const stored = this.#stored();
    const changed = stored.map(({ agent, calls }) => {
      const known = this.#callsOf(agent);
      const isHere = known.some(({ callId }) => callId === result.callId);
      return { agent, calls: isHere ? reduceActivity(known, { kind: 'finished', result }) : calls };
    });
    void this.#memory.update(memoryKey, changed);
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
    // Another window may keep its calls here, too.
    const clearedAt = this.clearedAt(agent);
    const theirs = this.#callsOf(agent).filter(({ startedAt }) => startedAt > clearedAt);
    const all = mergeCalls(calls, theirs).slice(0, keptCalls);
    await this.#memory.update(memoryKey, [{ agent, calls: all }, ...others].slice(0, keptAgents));
  }

  #callsOf(agent: string): readonly Call[] {
    const stored = this.#stored().find((one) => one.agent === agent);
    return (stored?.calls ?? []).flatMap((entry) => {
      const call = callSchema.safeParse(entry);
      return call.success ? [call.data] : [];
    });
  }

  #stored(): z.infer<typeof storedSchema> {
    return storedSchema.parse(this.#memory.get(memoryKey));
  }
}
