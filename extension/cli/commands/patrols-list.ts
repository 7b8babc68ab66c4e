// rockbot patrols list
import type { ListedPatrol } from '../../../shared/contract/patrol-messages.ts';
import { readingOf, type RunReading } from '../../patrols/run-reading.ts';
import { momentOf, outcomeText } from '../../patrols/run-words.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { requestTimeoutMs, type CliContext } from '../cli-context.ts';
import { momentText } from '../render/date-text.ts';
import type { View } from '../render/view.ts';
import { columnWidth, padEnd, wrap } from '../terminal-text.ts';
import { readingMark, toned, zonedText } from './patrol-text.ts';

export async function patrolsList({ bus, output, settings, signal }: CliContext): Promise<void> {
  const connection = await bus();
  using _ = output.wait(`Asking the agent ${settings.agent} for its patrols`);
  const reply = await connection.request(
    'patrolList',
    {},
    { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs },
  );
  output.json({ ok: true, ...reply });
  const { patrols, problems } = reply;
  const { view } = output;
  if (patrols.length === 0 && problems.length === 0)
    output.lines([view.colors.dim('The agent has no patrols yet. They stand in its patrols.json.')]);
  output.lines(() => patrolTable(patrols, view));
  output.lines(() => fileProblemLines(problems, view));
}

/** Problems of patrols.json as a whole. */
export function fileProblemLines(problems: readonly string[], { colors }: View): string[] {
  if (problems.length === 0) return [];
  return [
    '',
    colors.red('patrols.json cannot be used as it is; what was there before stays in force:'),
    ...problems.map((problem) => `  ${colors.red('-')} ${cleanLine(problem)}`),
  ];
}

function patrolTable(patrols: readonly ListedPatrol[], view: View): string[] {
  const { colors } = view;
  const rows = patrols.map((patrol) => ({ patrol, ...cellsOf(patrol, view) }));
  if (rows.length === 0) return [];
  const widths = {
    name: columnWidth(['Patrol', ...patrols.map(({ name }) => cleanLine(name))], 64),
    next: columnWidth(['Next run', ...rows.map(({ next }) => next)], 40),
    last: columnWidth(['Last run', ...rows.map(({ last }) => last)], 40),
  };
  const line = (mark: string, name: string, next: string, last: string, outcome: string): string =>
    `${mark} ${name}  ${next}  ${last}  ${outcome}`.trimEnd();
  const head = line(
    ' ',
    padEnd('Patrol', widths.name),
    padEnd('Next run', widths.next),
    padEnd('Last run', widths.last),
    'Outcome',
  );
  return [
    colors.dim(head),
    ...rows.flatMap(({ patrol, mark, next, last, outcome }) => [
      line(
        mark,
        colors.bold(padEnd(cleanLine(patrol.name), widths.name)),
        padEnd(next, widths.next),
        padEnd(last, widths.last),
        outcome,
      ),
      ...notesOf(patrol, view),
    ]),
  ];
}

function cellsOf(patrol: ListedPatrol, view: View): { mark: string; next: string; last: string; outcome: string } {
  const { lastRun, running, nextRunAt, enabled, valid } = patrol;
  const reading: RunReading | undefined =
    running !== undefined ? 'running' : lastRun === undefined ? undefined : readingOf(lastRun);
  const { colors } = view;
  const mark = !valid
    ? colors.red('✖')
    : reading === undefined
      ? colors.dim('○')
      : enabled || reading === 'running'
        ? readingMark(reading, view)
        : colors.dim('○');
  return {
    mark,
    next: valid ? (enabled ? (nextRunAt === undefined ? '-' : zonedText(nextRunAt, view)) : 'disabled') : 'stopped',
    last: lastRun === undefined ? 'never' : momentText(momentOf(lastRun), view) || '-',
    outcome: [
      ...(running === undefined ? [] : [colors.cyan(`running since ${momentText(running.startedAt, view)}`)]),
      ...(valid ? [] : [colors.red('invalid')]),
      ...(lastRun === undefined ? [] : [toned(outcomeText(lastRun), readingOf(lastRun), view)]),
    ].join(', '),
  };
}

function notesOf({ problems, lastRun, awaitsSignIn, schedule }: ListedPatrol, view: View): string[] {
  const { colors } = view;
  const indented = (text: string, color: (text: string) => string): string[] =>
    wrap(text, view.width - 4).map((line) => `    ${color(line)}`);
  const unseen = (lastRun?.blind ?? []).map(({ server, reason }) => `${cleanLine(server)} (${cleanLine(reason)})`);
  return [
    ...problems.flatMap((problem) => indented(cleanLine(problem), colors.red)),
    ...(unseen.length === 0 ? [] : indented(`could not see ${[...new Set(unseen)].join(', ')}`, colors.yellow)),
    ...(awaitsSignIn === true ? indented('runs once after the next sign-in', colors.yellow) : []),
    ...(schedule === undefined || schedule.timeZone === view.timeZone
      ? []
      : indented(`${cleanLine(schedule.cron)} in ${cleanLine(schedule.timeZone)}`, colors.dim)),
  ];
}
