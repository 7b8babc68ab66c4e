// Runs of patrols in a few words, the same on the command line and in windows.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { counted } from '../../shared/counted.ts';
import { cleanLine } from '../results/clean-text.ts';
import { readingOf, unseenServers, type ReadRun, type RunReading, type StepReading } from './run-reading.ts';

const outcomeWords: Readonly<Record<RunReading, string>> = {
  running: 'running',
  ok: 'complete',
  unwritten: 'complete, output not written',
  blind: 'blind',
  failed: 'failed',
  skipped: 'not run',
  interrupted: 'interrupted',
  cancelled: 'cancelled',
  unknown: 'unknown outcome',
};

/** "complete", "blind: mail, calendar", "failed, blind: mail". */
export function outcomeText(run: ReadRun): string {
  const reading = readingOf(run);
  const word = reading === 'unknown' ? cleanLine(run.status) || outcomeWords.unknown : outcomeWords[reading];
  const unseen = unseenServers(run.blind);
  if (unseen.length === 0) return word;
  const blind = `blind: ${unseen.join(', ')}`;
  return reading === 'blind' ? blind : `${word}, ${blind}`;
}

const triggers: Readonly<Record<string, string>> = {
  schedule: 'by its schedule',
  manual: 'by hand',
  catchUp: 'after a sign-in',
};

export function triggerText(trigger: string): string {
  return triggers[trigger] ?? cleanLine(trigger);
}

const stepWords: Readonly<Record<StepReading, string>> = {
  waiting: 'to come',
  running: 'running',
  ok: 'ok',
  blind: 'not seen',
  failed: 'failed',
  skipped: 'skipped by its condition',
  not_run: 'not reached',
  cancelled: 'cancelled',
  unknown: 'unknown outcome',
};

/** `outcome` as in the record: a part of what a partial step was to see was seen. */
export function stepText(outcome: string, reading: StepReading): string {
  if (outcome === 'partial') return 'seen in part';
  return reading === 'unknown' ? cleanLine(outcome) || stepWords.unknown : stepWords[reading];
}

/** When it started, or of one that was not run when it should have; ISO 8601. */
export function momentOf(run: Pick<PatrolRun, 'startedAt' | 'scheduledAt' | 'endedAt' | 'skipped'>): string {
  return run.startedAt ?? run.skipped?.last ?? run.scheduledAt ?? run.endedAt ?? '';
}

/** "4 of 50 calls; 12 of 100 today". */
export function budgetText({ calls, callsPerRun, callsToday, callsPerDay }: PatrolRun['budget']): string {
  const day =
    callsToday === undefined
      ? ''
      : `; ${callsPerDay === undefined ? callsToday : `${callsToday} of ${callsPerDay}`} today`;
  return `${calls} of ${counted(callsPerRun, 'call')}${day}`;
}

/** "the first 20 of 31 items, 2 of them failed". */
export function itemsText(items: { total: number; run: number; failed: number } | undefined): string | undefined {
  if (items === undefined) return undefined;
  const { total, run, failed } = items;
  const count = run < total ? `the first ${run} of ${counted(total, 'item')}` : counted(total, 'item');
  return failed === 0 ? count : `${count}, ${failed} of them failed`;
}
