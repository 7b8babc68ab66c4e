// Calls and runs of patrols on one line of time, newest first; the calls of a run stand below it. Pure.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { runNode } from '../patrols/run-node.ts';
import { readingOf } from '../patrols/run-reading.ts';
import { momentOf, outcomeText } from '../patrols/run-words.ts';
import type { NodeView } from '../servers/node-view.ts';
import type { Call } from './activity-log.ts';
import {
  callView,
  filterCalls,
  isFiltered,
  type ActivityClock,
  type ActivityFilter,
  type Hints,
} from './activity-view.ts';

export interface RunNode {
  run: PatrolRun;
  calls: readonly Call[];
}

export type ActivityNode = Call | RunNode;

export interface ActivityItems {
  /** Newest first, both of them. */
  calls: readonly Call[];
  runs: readonly PatrolRun[];
  filter: ActivityFilter;
  /** What calls are about, by their ids. */
  hints?: Hints;
}

export function activityRoots({ calls, runs, filter, hints }: ActivityItems): readonly ActivityNode[] {
  // What was not run did nothing.
  const shown = runs.filter((run) => readingOf(run) !== 'skipped');
  const groups = new Map(shown.map((run) => [run.runId, { run, calls: [] as Call[] }]));
  const others: Call[] = [];
  for (const call of calls) (groupOf(call, groups)?.calls ?? others).push(call);
  const runNodes = [...groups.values()].flatMap((node): RunNode[] => {
    if (!isFiltered(filter) || fits(node.run, filter)) return [node];
    const fitting = filterCalls(node.calls, filter, hints);
    return fitting.length === 0 ? [] : [{ ...node, calls: fitting }];
  });
  return [...runNodes, ...filterCalls(others, filter, hints)].toSorted((left, right) => startOf(right) - startOf(left));
}

export function activityChildren(node: ActivityNode): readonly ActivityNode[] {
  return 'run' in node ? node.calls : [];
}

export function activityView(node: ActivityNode, clock: ActivityClock, hints?: Hints): NodeView {
  if (!('run' in node)) return callView(node, clock, hints?.get(node.callId));
  return { ...runNode(node.run, clock, 'activity'), children: node.calls.length === 0 ? 'none' : 'closed' };
}

/** The ids of a run's calls begin with its own. */
function groupOf(
  { callId, caller }: Call,
  groups: ReadonlyMap<string, { run: PatrolRun; calls: Call[] }>,
): { calls: Call[] } | undefined {
  if (!caller.startsWith('patrol/')) return undefined;
  for (const [runId, group] of groups)
    if (callId.startsWith(runId) && caller === `patrol/${group.run.patrol}`) return group;
  return undefined;
}

/** A blind run is among those that failed: somebody who looks for trouble looks for it, too. */
function fits(run: PatrolRun, { text, outcome }: ActivityFilter): boolean {
  const reading = readingOf(run);
  if (outcome === 'running' && reading !== 'running') return false;
  if (outcome === 'failed' && (reading === 'running' || reading === 'ok' || reading === 'cancelled')) return false;
  return `patrol ${run.patrol} ${outcomeText(run)}`.toLowerCase().includes(text.toLowerCase());
}

function startOf(node: ActivityNode): number {
  return 'run' in node ? Date.parse(momentOf(node.run)) || 0 : node.startedAt;
}
