// What stands for the bus before the agent has reached it for the first time: whatever is told goes nowhere, as it does while the
// bus is away. Whoever comes later asks for lists, states and histories.
import type { Bus } from './bus.ts';

export type ToldBus = Pick<Bus, 'publish' | 'publishSoon' | 'maxPayload' | 'flush' | 'connected'>;

export const noBus: ToldBus = {
  connected: false,
  maxPayload: 0,
  publish: () => undefined,
  publishSoon: () => undefined,
  flush: () => Promise.resolve(),
};
