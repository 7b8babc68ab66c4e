// What a patrol missed while nobody looked at the clock. Counting many occurrences takes turns with all else.
import { planAfterDowntime, type DowntimePlan } from '../../shared/patrols/downtime-plan.ts';
import type { Timetable } from '../../shared/patrols/timetable.ts';

export interface PlanMissedOptions {
  timetable: Timetable;
  lastHandled: number;
  now: number;
  missed: 'skip' | 'runOnce';
}

export async function planMissed(options: PlanMissedOptions): Promise<DowntimePlan> {
  let plan = planAfterDowntime(options);
  while (!plan.complete) {
    await new Promise((resolve) => setImmediate(resolve));
    plan = planAfterDowntime({ ...options, soFar: plan });
  }
  return plan;
}

export function nothingMissed(handledUpTo: number): DowntimePlan {
  return { complete: true, handledUpTo, skipped: undefined, run: undefined };
}
