// The icon and colour of a run in trees; one that is blind, or could not write its output, is never green.
import type { RunReading } from './run-reading.ts';

export interface Look {
  icon: string;
  /** Id of a theme colour. */
  color?: string;
}

const looks: Readonly<Record<RunReading, Look>> = {
  running: { icon: 'loading~spin' },
  ok: { icon: 'pass', color: 'testing.iconPassed' },
  unwritten: { icon: 'warning', color: 'list.warningForeground' },
  blind: { icon: 'warning', color: 'list.warningForeground' },
  failed: { icon: 'error', color: 'testing.iconFailed' },
  skipped: { icon: 'debug-step-over', color: 'disabledForeground' },
  interrupted: { icon: 'debug-disconnect', color: 'list.warningForeground' },
  cancelled: { icon: 'circle-slash', color: 'disabledForeground' },
  unknown: { icon: 'question', color: 'list.warningForeground' },
};

export function lookOfRun(reading: RunReading): Look {
  return looks[reading];
}
