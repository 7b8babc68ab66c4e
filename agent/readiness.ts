// Whether the agent serves requests, and in plain words why not. It asks its parts, and waits for none.
import type { Bridge } from './bridge/bridge.ts';
import type { Bus } from './bus.ts';

export class Readiness {
  #busTrouble = 'The bus is not connected.';
  #serving: { bus: Pick<Bus, 'trouble'>; bridge: Pick<Bridge, 'started'> } | undefined;
  #isStopping = false;

  /** Undefined when it is ready. */
  get trouble(): string | undefined {
    if (this.#isStopping) return 'The agent is stopping.';
    if (this.#serving === undefined) return this.#busTrouble;
    const { bus, bridge } = this.#serving;
    return bus.trouble ?? (bridge.started ? undefined : 'The bridge has not started.');
  }

  /** The first connection to the bus is still tried for. */
  waitsForBus(why: string): void {
    this.#busTrouble = why;
  }

  /** The bus has taken the subscriptions: from now on requests are answered. */
  serves(parts: { bus: Pick<Bus, 'trouble'>; bridge: Pick<Bridge, 'started'> }): void {
    this.#serving = parts;
  }

  stopping(): void {
    this.#isStopping = true;
  }
}
