// The commands that lead on where this window has no bus or no agent; pure.
import { BusUnreachableError, type BusTrouble } from '../bus/bus-unreachable.ts';
import { commandIds } from '../contributions.ts';

export interface BusStep {
  label: string;
  command: string;
}

const setAddress: BusStep = { label: 'Set the Bus Address', command: commandIds.setBusAddress };
const startLocal: BusStep = { label: 'Start Local Agent', command: commandIds.startLocalAgent };
const showLog: BusStep = { label: 'Show Log', command: commandIds.showLog };

const steps: Readonly<Record<BusTrouble, readonly BusStep[]>> = {
  no_bus_set: [setAddress, startLocal],
  no_bus_here: [setAddress, startLocal],
  no_agent: [startLocal, { label: 'Open Settings', command: commandIds.openSettings }],
  untrusted: [showLog],
};

/** The first one is the likeliest. */
export function busSteps(error: unknown): readonly BusStep[] {
  return error instanceof BusUnreachableError && error.trouble !== undefined ? steps[error.trouble] : [showLog];
}
