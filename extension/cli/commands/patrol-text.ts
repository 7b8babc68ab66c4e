// Writes patrols and their runs for people; shared by the commands about them.
import type { PatrolRun, StepRecord } from '../../../shared/contract/patrol-messages.ts';
import { counted } from '../../../shared/counted.ts';
import { fromWireError } from '../../../shared/errors/wire-error.ts';
import {
  detailsOf,
  headlineOf,
  readingOf,
  stepReadingsOf,
  unseenOf,
  type RunReading,
  type StepReading,
} from '../../patrols/run-reading.ts';
import { budgetText, itemsText, momentOf, outcomeText, stepText, triggerText } from '../../patrols/run-words.ts';
import { stepResultOf } from '../../patrols/step-event.ts';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { durationText, sizeText } from '../../results/time-text.ts';
import { errorLines } from '../error-text.ts';
import { momentText } from '../render/date-text.ts';
import { renderResult } from '../render/render-result.ts';
import type { View } from '../render/view.ts';
import { columnWidth, cut, padEnd, wrap } from '../terminal-text.ts';

type Tone = 'good' | 'warning' | 'bad' | 'quiet';

const tones: Readonly<Record<RunReading | StepReading, { tone: Tone; mark: string }>> = {
  waiting: { tone: 'quiet', mark: '·' },
  running: { tone: 'quiet', mark: '…' },
  ok: { tone: 'good', mark: '✔' },
  unwritten: { tone: 'warning', mark: '▲' },
  blind: { tone: 'warning', mark: '▲' },
  failed: { tone: 'bad', mark: '✖' },
  skipped: { tone: 'quiet', mark: '–' },
  not_run: { tone: 'warning', mark: '▲' },
  interrupted: { tone: 'warning', mark: '▲' },
  cancelled: { tone: 'warning', mark: '▲' },
  unknown: { tone: 'warning', mark: '?' },
};

export function readingMark(reading: RunReading | StepReading, view: View): string {
  return toned(tones[reading].mark, reading, view);
}

/** In the colour of the outcome; a blind run is never green. */
export function toned(text: string, reading: RunReading | StepReading, { colors }: View): string {
  const color = { good: colors.green, warning: colors.yellow, bad: colors.red, quiet: colors.dim };
  return color[tones[reading].tone](text);
}

/** "tomorrow 08:00 CET": in the reader's zone, which it names. */
export function zonedText(instant: string, view: View): string {
  const at = Date.parse(instant);
  return Number.isFinite(at) ? `${momentText(instant, view)} ${zoneText(at, view)}` : cleanLine(instant);
}

function zoneText(instant: number, { timeZone }: View): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' }).formatToParts(instant);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** One line of a list of runs. */
export function runLine(run: PatrolRun, widths: { patrol: number; moment: number }, view: View): string {
  const { colors } = view;
  const reading = readingOf(run);
  const head = [
    readingMark(reading, view),
    padEnd(momentText(momentOf(run), view), widths.moment),
    ...(widths.patrol === 0 ? [] : [colors.bold(padEnd(cleanLine(run.patrol), widths.patrol))]),
    colors.dim(cleanLine(run.runId)),
  ].join('  ');
  const room = view.width - widths.moment - widths.patrol - cleanLine(run.runId).length - 9;
  return `${head}  ${toned(cut(headlineOf(run), Math.max(20, room)), reading, view)}`;
}

/** A whole record as a story: how it went, what it could not see, its steps, what it says. */
export function recordLines(run: PatrolRun, view: View, { results = false } = {}): string[] {
  const reading = readingOf(run);
  const { colors } = view;
  const blocks = [
    [
      ...wrap(headlineOf(run), view.width - 2).map(
        (line, index) => `${index === 0 ? readingMark(reading, view) : ' '} ${toned(line, reading, view)}`,
      ),
      ...wrap(cleanBlock(detailsOf(run)), view.width - 2).map((line) => `  ${line}`.trimEnd()),
      `  ${colors.dim(factsText(run, view))}`,
    ].filter((line) => line.trim() !== ''),
    run.error === undefined ? [] : errorLines(fromWireError(run.error), colors).map((line) => `  ${line}`),
    section('Not seen', unseenLines(run, view), view),
    section('Steps', stepLines(run, view), view),
    section('Output', run.output === undefined ? [] : wrap(cleanBlock(run.output).trim(), view.width - 2), view),
    section('Output that could not be written', outputProblemLines(run, view), view),
    ...(results
      ? run.steps.map((step) => section(`Result of ${cleanLine(step.id)}`, resultLines(step, view), view))
      : []),
    run.steps.length === 0 ? [] : [`  ${colors.dim(budgetText(run.budget))}`],
  ].filter((lines) => lines.length > 0);
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function section(title: string, lines: readonly string[], { colors }: View): string[] {
  return lines.length === 0 ? [] : [colors.bold(title), ...lines.map((line) => `  ${line}`.trimEnd())];
}

function factsText(run: PatrolRun, view: View): string {
  const moment = momentOf(run);
  return [
    cleanLine(run.patrol),
    `${outcomeText(run)}, ${triggerText(run.trigger)}`,
    ...(moment === '' ? [] : [zonedText(moment, view)]),
    ...(run.durationMs === undefined ? [] : [durationText(run.durationMs)]),
    `run ${cleanLine(run.runId)}`,
  ].join(' · ');
}

function unseenLines({ blind }: PatrolRun, view: View): string[] {
  const { colors } = view;
  const unseen = unseenOf(blind);
  const width = columnWidth(
    unseen.map(({ server }) => server),
    32,
  );
  return unseen.map(({ server, reason, code, steps }) => {
    const place = steps.length === 0 ? '' : ` (${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')})`;
    return `${colors.yellow('▲')} ${colors.bold(padEnd(server, width))}  ${reason}${place} ${colors.dim(`[${code}]`)}`;
  });
}

function outputProblemLines({ outputProblems = [] }: PatrolRun, view: View): string[] {
  return outputProblems.flatMap((problem) => wrap(cleanLine(problem), view.width - 2)).map(view.colors.red);
}

function stepLines(run: PatrolRun, view: View): string[] {
  const { colors } = view;
  const { steps } = run;
  const readings = stepReadingsOf(run);
  const ids = columnWidth(
    steps.map(({ id }) => cleanLine(id)),
    40,
  );
  const targets = columnWidth(steps.map(targetText), 40);
  return steps.flatMap((step, index) => {
    const reading = readings[index] ?? 'unknown';
    const isOpen = reading === 'waiting' || reading === 'running';
    const facts = [
      stepText(step.outcome, reading),
      ...(step.durationMs === undefined || step.calls === 0 ? [] : [durationText(step.durationMs)]),
      ...(step.calls === 1 || isOpen ? [] : [step.calls === 0 ? 'not called' : counted(step.calls, 'call')]),
      itemsText(step.items),
      step.resultBytes === undefined ? undefined : `result too large to keep (${sizeText(step.resultBytes)})`,
    ].filter((fact) => fact !== undefined);
    const why = step.error === undefined ? cleanLine(step.reason ?? '') : cleanLine(step.error.message);
    return [
      `${readingMark(reading, view)} ${padEnd(cleanLine(step.id), ids)}  ${colors.dim(padEnd(targetText(step), targets))}  ${facts.join(', ')}`,
      ...(why === '' ? [] : wrap(why, view.width - 8).map((line) => `    ${toned(line, reading, view)}`)),
    ];
  });
}

function targetText({ server, tool }: StepRecord): string {
  return `${cleanLine(server)} ${cleanLine(tool)}`;
}

function resultLines(step: StepRecord, view: View): string[] {
  const result = stepResultOf(step);
  return result === undefined ? [] : renderResult(result, { ...view, width: view.width - 2 });
}
