// Connects the agent to its bus, and leaves it in order: what is under way is answered before, if need be with an error.
import { RockBotError } from '../shared/errors/rockbot-error.ts';
import { Bus, type BusOptions } from './bus.ts';
import type { AgentConfig } from './config/agent-config.ts';
import type { Logger } from './logger.ts';
import type { Teardown } from './teardown.ts';

export interface StartBusOptions extends Pick<BusOptions, 'instance' | 'signal' | 'onTrouble' | 'onConnection'> {
  config: Pick<AgentConfig, 'name' | 'nats'>;
  /** Before the bus is left: what still has to be told. */
  onStop: () => void;
  /** Ends the calls that still run after a while, so that their callers are answered all the same. */
  onLate: () => void;
  logger: Logger;
  teardown: Teardown;
}

export interface StartedBus {
  /** To be called once. Resolves when connected, however long that takes. Rejects when the signal aborts. */
  connect(): Promise<Bus>;
  /** Aborts when what is under way must end, with the error for whoever waits for it. */
  stopping: AbortSignal;
}

/** Milliseconds for leaving: `Bus.drain` waits 5 s for calls, half a second for the answers of those cut off, and 1 s for the last bytes. */
const leaveMs = 6_600;

/** Parts that are made from now on are taken down before the bus is left, also those that do not wait for it. */
export function startBus(options: StartBusOptions): StartedBus {
  const { config, onStop, onLate, teardown, ...others } = options;
  const stopping = new AbortController();
  let bus: Bus | undefined;
  const leave = async (): Promise<void> => {
    onStop();
    await bus?.drain({
      onLate: () => {
        const message = 'The agent is stopping.';
        stopping.abort(new RockBotError({ code: 'cancelled', message, action: 'Ask again later.' }));
        onLate();
      },
    });
  };
  teardown.add('the bus', leave, { withinMs: leaveMs });
  return {
    stopping: stopping.signal,
    async connect() {
      bus = await Bus.connect({ ...others, ...config.nats, agent: config.name });
      return bus;
    },
  };
}
