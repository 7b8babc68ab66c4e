// How a run went, in words: what it could not see comes first, so that it never reads as "nothing found" (promise P12).
import type { BlindSpot, PatrolRun } from '../contract/patrol-messages.ts';
import { counted } from '../counted.ts';
import { plainLine } from '../plain-text.ts';

export type RunFacts = Pick<
  PatrolRun,
  'status' | 'saw' | 'blind' | 'steps' | 'skipped' | 'error' | 'trigger' | 'budget' | 'outputProblems'
>;

const maxLength = 1_000;
/** Numbers of lines of the output. */
const shownLines = 10;

/** The first line of a run's summary. */
export function summarise(run: RunFacts): string {
  return plainLine([...sentences(run), ...outputText(run)].join(' '), maxLength);
}

function sentences(run: RunFacts): string[] {
  const unseen = run.blind.length === 0 ? [] : [`could not see ${unseenText(run)}.`];
  const seen = run.saw.length === 0 ? 'Saw nothing.' : `Saw: ${run.saw.join(', ')}.`;
  switch (run.status) {
    case 'running':
      return ['Running.', ...unseen.map((text) => `So far it ${text}`)];
    case 'ok':
      // A record of another agent may call itself well and name what it did not see.
      return unseen.length > 0
        ? [`Blind: ${unseen.join(' ')}`, seen]
        : [`Complete: ${stepsText(run)}.`, ...limits(run)];
    case 'blind':
      return [`Blind: ${unseen.join(' ') || 'could not see everything.'}`, seen, ...limits(run)];
    case 'failed':
      return [`Failed: ${failureText(run)}`, ...unseen.map((text) => `It ${text}`), seen];
    case 'skipped':
      return [skippedText(run)];
    case 'interrupted':
      return [
        'Interrupted: the agent ended while it ran, so it did not see everything.',
        ...unseen.map((text) => `It ${text}`),
      ];
    case 'cancelled':
      return ['Cancelled: it did not see everything.', ...unseen.map((text) => `It ${text}`)];
    default:
      return [`Ended as ${run.status}; whether it saw everything is not known.`];
  }
}

/** A text that is not there, or not whole, must not read as one with nothing in it. */
function outputText({ outputProblems = [] }: RunFacts): string[] {
  const lines = outputProblems.flatMap((problem) => /^line (\d+):/.exec(problem)?.[1] ?? []);
  const shown = lines.length > shownLines ? [...lines.slice(0, shownLines), '\u2026'] : lines;
  return [
    ...(lines.length === 0
      ? []
      : [`But the output could not be written: line${lines.length === 1 ? '' : 's'} ${shown.join(', ')}.`]),
    ...outputProblems.filter((problem) => !/^line \d+:/.test(problem)).map((problem) => `But ${problem}.`),
  ];
}

/** By server and reason; with its steps where others of that server could see. */
function unseenText({ blind, saw }: RunFacts): string {
  const groups = new Map<string, { spot: BlindSpot; steps: string[] }>();
  for (const spot of blind) {
    const group = groups.get(`${spot.server}\n${spot.reason}`) ?? { spot, steps: [] };
    if (spot.step !== undefined && !group.steps.includes(spot.step)) group.steps.push(spot.step);
    groups.set(`${spot.server}\n${spot.reason}`, group);
  }
  return [...groups.values()]
    .map(({ spot: { server, reason }, steps }) => {
      const place = saw.includes(server) && steps.length > 0 ? ` in ${stepNames(steps)}` : '';
      return `${server}${place} (${reason})`;
    })
    .join(', ');
}

function stepNames(steps: readonly string[]): string {
  return `step${steps.length === 1 ? '' : 's'} ${steps.join(', ')}`;
}

function stepsText({ steps, budget }: RunFacts): string {
  const ran = steps.filter(({ outcome }) => outcome === 'ok').length;
  const skipped = steps.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id);
  const made = `${counted(ran, 'step')} with ${counted(budget.calls, 'call')}`;
  return skipped.length === 0
    ? made
    : `${made}; by ${skipped.length === 1 ? 'its' : 'their'} condition not run: ${skipped.join(', ')}`;
}

/** What was left out because of a bound is not seen either. */
function limits({ steps }: RunFacts): string[] {
  return steps.flatMap(({ id, items }) =>
    items !== undefined && items.run < items.total
      ? [`Step ${id} took the first ${items.run} of ${items.total} items.`]
      : [],
  );
}

function failureText({ error, steps }: RunFacts): string {
  // Steps that failed before it were told to go on.
  const last = steps.findLast(({ outcome }) => outcome !== 'not_run');
  const failed = last?.outcome === 'failed' ? last : undefined;
  const said = (failed?.error ?? error)?.message ?? 'the reason is not known';
  const place = failed === undefined ? '' : `step ${failed.id} (${failed.server}, ${failed.tool}): `;
  return `${place}${said.replace(/[.\s]*$/, '')}.`;
}

function skippedText({ skipped }: RunFacts): string {
  const reason = skipped === undefined ? undefined : skipWords[skipped.reason];
  if (skipped === undefined || reason === undefined) return 'Skipped: it was not run and saw nothing.';
  const count =
    skipped.count === 1 ? 'it was' : `${skipped.count} occurrences from ${skipped.first} to ${skipped.last} were`;
  return `Skipped: ${count} not run, because ${reason}.`;
}

const skipWords: Readonly<Record<string, string>> = {
  disabled: 'the patrol is disabled',
  overlap: 'the run before was still under way',
  missed: 'the agent was not running',
  invalid: 'the patrol was stopped for its problems in patrols.json',
};
