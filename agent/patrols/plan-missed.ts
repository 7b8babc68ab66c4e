// What patrols missed while nobody looked at the clock. Counting many occurrences takes turns with all else.
import { planAfterDowntime, type DowntimePlan } from '../../shared/patrols/downtime-plan.ts';
import type { Timetable } from '../../shared/patrols/timetable.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';

export interface PlanMissedOptions {
  timetable: Timetable;
  lastHandled: number;
  now: number;
  missed: 'skip' | 'runOnce';
}

export type PlanMissed = (options: PlanMissedOptions) => Promise<DowntimePlan>;

/** Calls of `planAfterDowntime` between two turns; nearly all of them have little to count. */
const plansOfTurn = 8;

/** One for all patrols: two hundred that count at the same time would hold the agent up for as long as all of them take. */
export function createPlanMissed(): PlanMissed {
  const queue = new SerialQueue();
  let plans = 0;
  const turn = async (): Promise<void> => {
    plans = 0;
    await new Promise((resolve) => setImmediate(resolve));
  };
  return async (options) => {
    let plan: DowntimePlan | undefined;
    do {
      const soFar = plan;
      plan = await queue.run(async () => {
        if (++plans > plansOfTurn || soFar !== undefined) await turn();
        return planAfterDowntime({ ...options, ...(soFar !== undefined && { soFar }) });
      });
    } while (!plan.complete);
    return plan;
  };
}

export function nothingMissed(handledUpTo: number): DowntimePlan {
  return { complete: true, handledUpTo, skipped: undefined, run: undefined };
}
