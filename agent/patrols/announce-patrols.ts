// Tells the bus what happens to patrols, in messages that are small enough for it.
import type { EventOf } from '../../shared/contract/contract.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Bus } from '../bus.ts';

export function announcePatrols(
  bus: Pick<Bus, 'publish' | 'connected' | 'maxPayload'>,
  { run, patrols }: { run?: PatrolRun; patrols: string[] },
): void {
  // Whoever misses a change asks for list and history when it comes back.
  if (!bus.connected) return;
  const event: EventOf<'patrolChanged'> = { patrols, ...(run !== undefined && { run }) };
  bus.publish('patrolChanged', isSmall(event, bus.maxPayload) ? event : shortened(event));
}

function isSmall(event: EventOf<'patrolChanged'>, bytes: number): boolean {
  return Buffer.byteLength(JSON.stringify(event)) <= bytes;
}

/** The record itself has the rest. */
function shortened({ run, patrols }: EventOf<'patrolChanged'>): EventOf<'patrolChanged'> {
  if (run === undefined) return { patrols };
  const { output: _output, ...short } = run;
  return { patrols, run: { ...short, steps: [] } };
}
