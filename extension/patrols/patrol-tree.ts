// The patrols view as nodes: patrols with their state, their problems and their last runs below; pure.
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { commandIds, itemKinds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { NodeView } from '../servers/node-view.ts';
import { patrolCard } from './patrol-card.ts';
import { runsOf, type PatrolsState } from './patrols-state.ts';
import { shortTime, type ReaderClock } from './reader-clock.ts';
import { lookOfRun, type Look } from './run-look.ts';
import { runNode } from './run-node.ts';
import { headlineOf, readingOf } from './run-reading.ts';
import { outcomeText } from './run-words.ts';

export type PatrolNode =
  | { kind: 'patrol'; patrol: ListedPatrol; runs: readonly PatrolRun[] }
  | { kind: 'run'; run: PatrolRun }
  | { kind: 'note'; id: string; text: string; isProblem: boolean; patrol?: string };

const shownRuns = 10;

export function patrolRoots(state: PatrolsState): PatrolNode[] {
  const { patrols, fileProblems, problem } = state;
  const notes = [
    ...(problem === undefined ? [] : [[problem.message, problem.action].filter(Boolean).join(' ')]),
    ...fileProblems.map((text) => `patrols.json: ${text}`),
  ];
  return [
    ...notes.map((text, index): PatrolNode => ({ kind: 'note', id: `file ${index}`, text, isProblem: true })),
    ...(patrols ?? []).map((patrol): PatrolNode => ({ kind: 'patrol', patrol, runs: runsOf(state, patrol.name) })),
  ];
}

export function patrolChildren(node: PatrolNode): PatrolNode[] {
  if (node.kind !== 'patrol') return [];
  const { patrol, runs } = node;
  const { name, problems } = patrol;
  return [
    ...problems.map((text, index): PatrolNode => ({
      kind: 'note',
      id: `${name} ${index}`,
      text,
      isProblem: true,
      patrol: name,
    })),
    ...runs.slice(0, shownRuns).map((run): PatrolNode => ({ kind: 'run', run })),
    ...(runs.length === 0 && problems.length === 0
      ? [{ kind: 'note', id: `${name} none`, text: 'It has not run yet', isProblem: false, patrol: name } as const]
      : []),
  ];
}

export function patrolNodeView(node: PatrolNode, clock: ReaderClock): NodeView {
  switch (node.kind) {
    case 'run':
      return runNode(node.run, clock, 'patrol');
    case 'note': {
      const text = cleanLine(node.text);
      return {
        id: `note ${node.id}`,
        label: text,
        icon: node.isProblem ? 'bracket-error' : 'info',
        ...(node.isProblem && { color: 'list.errorForeground', command: commandIds.openPatrolsJson }),
        children: 'none',
        accessibilityLabel: node.isProblem ? `Problem: ${text}` : text,
      };
    }
    case 'patrol':
      return patrolView(node.patrol, clock);
  }
}

function patrolView(patrol: ListedPatrol, clock: ReaderClock): NodeView {
  const { valid, running } = patrol;
  const name = cleanLine(patrol.name);
  const parts = descriptionOf(patrol, clock);
  const headline = patrol.lastRun === undefined ? '' : ` Last run: ${headlineOf(patrol.lastRun)}`;
  return {
    // Another one when it becomes invalid, so that VS Code opens it although it was closed before.
    id: `${valid ? 'patrol' : 'invalid patrol'} ${patrol.name}`,
    label: name,
    description: parts.join(' \u00b7 '),
    tooltip: patrolCard(patrol, clock),
    ...lookOf(patrol),
    contextValue: running !== undefined ? itemKinds.runningPatrol : valid ? itemKinds.patrol : itemKinds.invalidPatrol,
    children: valid ? 'closed' : 'open',
    accessibilityLabel: `Patrol ${[name, ...parts].join(', ')}.${headline}`,
  };
}

function descriptionOf(
  { enabled, valid, nextRunAt, running, lastRun, awaitsSignIn }: ListedPatrol,
  clock: ReaderClock,
): string[] {
  const next = nextRunAt === undefined ? '' : shortTime(nextRunAt, clock);
  return [
    !valid ? 'invalid' : running !== undefined ? 'running' : '',
    valid && !enabled ? 'disabled' : '',
    valid && enabled && next !== '' ? `next ${next}` : '',
    lastRun === undefined ? (valid ? 'not run yet' : '') : outcomeText(lastRun),
    awaitsSignIn === true ? 'runs after sign-in' : '',
  ].filter((part) => part !== '');
}

/** What is under way or hinders it comes first; then how the last run went. */
function lookOf({ enabled, valid, running, lastRun }: ListedPatrol): Look {
  if (!valid) return { icon: 'bracket-error', color: 'list.errorForeground' };
  if (running !== undefined) return lookOfRun('running');
  if (!enabled) return { icon: 'debug-pause', color: 'disabledForeground' };
  return lastRun === undefined ? { icon: 'watch' } : lookOfRun(readingOf(lastRun));
}
