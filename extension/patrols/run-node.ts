// A run of a patrol as an item of a tree; pure.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { commandIds, itemKinds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import { durationText } from '../results/time-text.ts';
import type { NodeView } from '../servers/node-view.ts';
import { fullTime, shortTime, type ReaderClock } from './reader-clock.ts';
import { headlineOf, readingOf } from './run-reading.ts';
import { lookOfRun } from './run-look.ts';
import { momentOf, outcomeText, triggerText } from './run-words.ts';

/** `place`: below its patrol, or among calls and runs of others. */
export function runNode(run: PatrolRun, clock: ReaderClock, place: 'patrol' | 'activity'): NodeView {
  const reading = readingOf(run);
  const name = cleanLine(run.patrol);
  const when = shortTime(momentOf(run), clock) || cleanLine(run.runId);
  const outcome = outcomeText(run);
  const took = run.durationMs === undefined ? '' : durationText(run.durationMs);
  const how = run.trigger === 'schedule' ? '' : triggerText(run.trigger);
  const count = run.skipped === undefined || run.skipped.count === 1 ? '' : `${run.skipped.count} times`;
  const facts = [outcome, count, took, how].filter((part) => part !== '');
  return {
    id: `run ${place} ${run.runId}`,
    label: place === 'patrol' ? when : `Patrol ${name}`,
    description: (place === 'patrol' ? facts : [when, ...facts]).join(' \u00b7 '),
    tooltip: [
      `**${escapeMarkdown(headlineOf(run))}**`,
      [escapeMarkdown(name), escapeMarkdown(triggerText(run.trigger)), escapeMarkdown(fullTime(momentOf(run), clock))]
        .filter((part) => part !== '')
        .join(', '),
    ].join('\n\n'),
    ...lookOfRun(reading),
    contextValue: reading === 'running' ? itemKinds.runningPatrolRun : itemKinds.patrolRun,
    children: 'none',
    command: commandIds.openPatrolRun,
    accessibilityLabel: `${place === 'patrol' ? 'Run' : 'Patrol'} ${name}, ${[...facts, when].join(', ')}. ${headlineOf(run)}`,
  };
}
