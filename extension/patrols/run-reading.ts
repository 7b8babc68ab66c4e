// How a run is to be read, whatever its record calls itself: one that could not see something is never a good one (promise P12).
import type { BlindSpot, PatrolRun, RunStatus, StepRecord } from '../../shared/contract/patrol-messages.ts';
import { cleanLine } from '../results/clean-text.ts';

/** `unwritten`: it saw everything, and could not write all of its output. `unknown`: a status that this version does not know. */
export type RunReading = RunStatus | 'unwritten' | 'unknown';

/** Without the contract's schemas, which a page need not load. */
const readings: Readonly<Record<RunStatus, true>> = {
  running: true,
  ok: true,
  blind: true,
  failed: true,
  skipped: true,
  interrupted: true,
  cancelled: true,
};

export type ReadRun = Pick<PatrolRun, 'status' | 'blind' | 'outputProblems'>;

export function readingOf({ status, blind, outputProblems = [] }: ReadRun): RunReading {
  if (status === 'ok' && blind.length > 0) return 'blind';
  if (status === 'ok' && outputProblems.length > 0) return 'unwritten';
  return Object.hasOwn(readings, status) ? (status as RunStatus) : 'unknown';
}

/** How a step is to be read; `partial` and `not_run` have seen less than they should have. `waiting`: its turn is still to come. */
export type StepReading =
  'waiting' | 'running' | 'ok' | 'blind' | 'failed' | 'skipped' | 'not_run' | 'cancelled' | 'unknown';

/** Of each step. While a run is under way, the first one that was not run is its present one. */
export function stepReadingsOf({ status, steps }: Pick<PatrolRun, 'status' | 'steps'>): StepReading[] {
  const found = steps.map(stepReadingOf);
  if (status !== 'running') return found;
  const present = found.indexOf('not_run');
  return found.map((reading, index) => (reading !== 'not_run' ? reading : index === present ? 'running' : 'waiting'));
}

function stepReadingOf({ outcome }: Pick<StepRecord, 'outcome'>): StepReading {
  switch (outcome) {
    case 'ok':
    case 'failed':
    case 'skipped':
    case 'not_run':
    case 'cancelled':
    case 'running':
      return outcome;
    case 'blind':
    case 'partial':
      return 'blind';
    default:
      return 'unknown';
  }
}

/** Names of the servers that were not seen, each once. */
export function unseenServers(blind: readonly BlindSpot[]): string[] {
  return [...new Set(blind.map(({ server }) => cleanLine(server)))];
}

export interface Unseen {
  server: string;
  reason: string;
  code: string;
  /** Ids of the steps that should have seen it. */
  steps: string[];
}

/** By server and reason, in words. */
export function unseenOf(blind: readonly BlindSpot[]): Unseen[] {
  const groups = new Map<string, Unseen>();
  for (const { server, reason, code, step } of blind) {
    const key = `${server}\n${reason}`;
    const group = groups.get(key) ?? {
      server: cleanLine(server),
      reason: cleanLine(reason),
      code: cleanLine(code),
      steps: [],
    };
    if (step !== undefined) group.steps.push(cleanLine(step));
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The first line of its summary; a blind run without one still says so. */
export function headlineOf(run: ReadRun & Pick<PatrolRun, 'summary'>): string {
  const line = cleanLine(run.summary.split('\n', 1)[0] ?? '');
  const reading = readingOf(run);
  if (reading === 'blind' && !/^blind\b/i.test(line))
    return ['Blind: it could not see', `${unseenServers(run.blind).join(', ') || 'everything'}.`, line]
      .join(' ')
      .trim();
  if (line === '' && reading === 'unwritten') return 'Complete, but its output could not be written.';
  return line === '' ? `${reading.charAt(0).toUpperCase()}${reading.slice(1)}.` : line;
}

/** What the summary says after its first line. */
export function detailsOf({ summary }: Pick<PatrolRun, 'summary'>): string {
  const end = summary.indexOf('\n');
  return end === -1 ? '' : summary.slice(end + 1).trim();
}
