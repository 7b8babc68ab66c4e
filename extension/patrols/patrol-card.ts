// What hovering over a patrol tells, as markdown; pure.
import type { ListedPatrol } from '../../shared/contract/patrol-messages.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import { fullTime, type ReaderClock } from './reader-clock.ts';
import { headlineOf, unseenOf } from './run-reading.ts';
import { momentOf } from './run-words.ts';

const shownSteps = 12;

export function patrolCard(patrol: ListedPatrol, clock: ReaderClock): string {
  const { name, description, schedule, nextRunAt, running, lastRun, enabled, valid, problems, steps } = patrol;
  const line = (label: string, text: string): string[] => (text === '' ? [] : [`- ${label}: ${text}`]);
  const time = (instant: string | undefined): string =>
    instant === undefined ? '' : escapeMarkdown(fullTime(instant, clock));
  const target = ({ id, server, tool }: ListedPatrol['steps'][number]): string =>
    `${escapeMarkdown(id)} (${escapeMarkdown(server)} ${escapeMarkdown(tool)})`;
  const more = steps.length > shownSteps ? ` and ${steps.length - shownSteps} more` : '';
  return [
    `**${escapeMarkdown(name)}**`,
    ...(description === undefined ? [] : [escapeMarkdown(description)]),
    ...(valid ? [] : ['**It is stopped until its problems are mended:**', list(problems.map(escapeMarkdown))]),
    ...(lastRun === undefined ? [] : [`**${escapeMarkdown(headlineOf(lastRun))}**`]),
    ...(lastRun === undefined || lastRun.blind.length === 0
      ? []
      : [
          list(
            unseenOf(lastRun.blind).map(
              ({ server, reason }) => `not seen: ${escapeMarkdown(server)}, ${escapeMarkdown(reason)}`,
            ),
          ),
        ]),
    [
      ...line('Runs since', time(running?.startedAt)),
      ...line('Next run', enabled ? time(nextRunAt) : 'disabled; it can be run by hand'),
      ...line('Last run', lastRun === undefined ? '' : time(momentOf(lastRun))),
      ...line(
        'Schedule',
        schedule === undefined ? '' : `${escapeMarkdown(schedule.cron)} in ${escapeMarkdown(schedule.timeZone)}`,
      ),
      ...line('After the next sign-in', patrol.awaitsSignIn === true ? 'it runs once' : ''),
      ...line('Steps', `${steps.slice(0, shownSteps).map(target).join(', ')}${more}`),
    ].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
