// A run's record as what is shown of it: first how it went, what was not seen, the steps on a line of time; it draws nothing.
import type { PatrolRun, StepRecord } from '../../shared/contract/patrol-messages.ts';
import { counted } from '../../shared/counted.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import { durationText, sizeText } from '../results/time-text.ts';
import {
  detailsOf,
  headlineOf,
  readingOf,
  stepReadingsOf,
  unseenOf,
  type RunReading,
  type StepReading,
  type Unseen,
} from './run-reading.ts';
import { budgetText, itemsText, momentOf, outcomeText, stepText, triggerText } from './run-words.ts';
import { stepEvent } from './step-event.ts';

export interface RunDocument {
  patrol: string;
  reading: RunReading;
  headline: string;
  /** Further lines of the summary. */
  details: string;
  /** "blind: calendar". */
  outcome: string;
  trigger: string;
  /** ISO 8601; empty when not known. */
  moment: string;
  took: string;
  unseen: readonly Unseen[];
  /** Why it failed, and what to do. */
  error: { message: string; action: string } | undefined;
  steps: readonly RunStep[];
  output: string | undefined;
  /** Lines of it that could not be written, in plain words. */
  outputProblems: readonly string[];
  budget: string;
}

export interface RunStep {
  id: string;
  server: string;
  tool: string;
  reading: StepReading;
  /** How it ended, how long it took, how many calls it made. */
  facts: readonly string[];
  /** Why it was not called or failed, in the words of the record. */
  why: string;
  action: string;
  /** There is a result or an error to look at. */
  canOpen: boolean;
  /** Of the time of the run, from 0 to 1; undefined when it was not called. */
  span: { from: number; length: number } | undefined;
}

export function runDocument(run: PatrolRun): RunDocument {
  const readings = stepReadingsOf(run);
  return {
    patrol: cleanLine(run.patrol),
    reading: readingOf(run),
    headline: headlineOf(run),
    details: cleanBlock(detailsOf(run)),
    outcome: outcomeText(run),
    trigger: triggerText(run.trigger),
    moment: momentOf(run),
    took: run.durationMs === undefined ? '' : durationText(run.durationMs),
    unseen: unseenOf(run.blind),
    error:
      run.error === undefined
        ? undefined
        : { message: cleanLine(run.error.message), action: cleanLine(run.error.action ?? '') },
    steps: run.steps.map((step, index) => stepOf(step, readings[index] ?? 'unknown', run)),
    output: run.output === undefined || run.output.trim() === '' ? undefined : cleanBlock(run.output).trim(),
    outputProblems: (run.outputProblems ?? []).map(cleanLine),
    budget: budgetText(run.budget),
  };
}

function stepOf(step: StepRecord, reading: StepReading, run: PatrolRun): RunStep {
  const isOpen = reading === 'waiting' || reading === 'running';
  return {
    id: cleanLine(step.id),
    server: cleanLine(step.server),
    tool: cleanLine(step.tool),
    reading,
    facts: [
      stepText(step.outcome, reading),
      step.durationMs === undefined || step.calls === 0 ? '' : durationText(step.durationMs),
      step.calls === 1 || isOpen ? '' : step.calls === 0 ? 'not called' : counted(step.calls, 'call'),
      itemsText(step.items) ?? '',
      step.resultBytes === undefined ? '' : `result too large to keep, ${sizeText(step.resultBytes)}`,
    ].filter((fact) => fact !== ''),
    why: cleanLine(step.error?.message ?? step.reason ?? ''),
    action: cleanLine(step.error?.action ?? ''),
    canOpen: stepEvent(run, step) !== undefined,
    span: step.calls === 0 ? undefined : spanOf(step, run),
  };
}

function spanOf({ startedAt, durationMs }: StepRecord, run: PatrolRun): RunStep['span'] {
  const [from, start] = [Date.parse(run.startedAt ?? ''), Date.parse(startedAt ?? '')];
  const total = Math.max(1, run.durationMs ?? endOf(run) - from);
  if (!Number.isFinite(from) || !Number.isFinite(start) || !Number.isFinite(total)) return undefined;
  const share = (milliseconds: number): number => Math.min(1, Math.max(0, milliseconds / total));
  const at = share(start - from);
  return { from: at, length: Math.min(1 - at, share(durationMs ?? total)) };
}

/** Of a run under way: the end of the last step that has ended. */
function endOf({ steps, startedAt }: PatrolRun): number {
  const ends = steps.map(({ startedAt: start, durationMs = 0 }) => Date.parse(start ?? '') + durationMs);
  return Math.max(Date.parse(startedAt ?? ''), ...ends.filter(Number.isFinite));
}
