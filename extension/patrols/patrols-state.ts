// What a window knows of the agent's patrols and their runs, and how that changes; pure.
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Problem } from '../connection/problem.ts';
import { momentOf } from './run-words.ts';

export interface PatrolsState {
  /** Undefined while not known. */
  patrols: readonly ListedPatrol[] | undefined;
  /** Problems of patrols.json as a whole. */
  fileProblems: readonly string[];
  /** Why the agent could not be asked. */
  problem: Problem | undefined;
  /** Of all patrols, newest first, without results; bounded. */
  runs: readonly PatrolRun[];
  /** Names of the patrols whose earlier runs were asked for. */
  asked: ReadonlySet<string>;
}

export type PatrolsEvent =
  /** Another agent, or none. */
  | { kind: 'left' }
  | { kind: 'listed'; patrols: readonly ListedPatrol[]; problems: readonly string[] }
  | { kind: 'not_listed'; problem: Problem }
  /** `patrol`: the one that was asked about. */
  | { kind: 'history'; runs: readonly PatrolRun[]; patrol?: string }
  | { kind: 'run'; run: PatrolRun };

export const maxRuns = 500;

export const noPatrols: PatrolsState = {
  patrols: undefined,
  fileProblems: [],
  problem: undefined,
  runs: [],
  asked: new Set(),
};

export function reducePatrols(state: PatrolsState, event: PatrolsEvent): PatrolsState {
  switch (event.kind) {
    case 'left':
      return noPatrols;
    case 'listed': {
      const last = event.patrols.flatMap(({ lastRun }) => (lastRun === undefined ? [] : [lastRun]));
      return {
        ...state,
        patrols: event.patrols,
        fileProblems: event.problems,
        problem: undefined,
        runs: merge(state.runs, last),
      };
    }
    case 'not_listed':
      return { ...state, problem: event.problem };
    case 'history':
      return {
        ...state,
        runs: merge(state.runs, event.runs),
        asked: event.patrol === undefined ? state.asked : new Set([...state.asked, event.patrol]),
      };
    case 'run':
      return withRun(state, event.run);
  }
}

/** Newest first. */
export function runsOf({ runs }: Pick<PatrolsState, 'runs'>, patrol: string): readonly PatrolRun[] {
  return runs.filter((run) => run.patrol === patrol);
}

function withRun(state: PatrolsState, run: PatrolRun): PatrolsState {
  const known = state.runs.find(({ runId }) => runId === run.runId);
  // A late message about a run that has ended says nothing new.
  if (known !== undefined && known.status !== 'running' && run.status === 'running') return state;
  return {
    ...state,
    runs: merge(state.runs, [run]),
    patrols: state.patrols?.map((patrol) => (patrol.name === run.patrol ? afterRun(patrol, run) : patrol)),
  };
}

function afterRun(patrol: ListedPatrol, run: PatrolRun): ListedPatrol {
  if (run.status === 'running')
    return { ...patrol, running: { runId: run.runId, startedAt: run.startedAt ?? run.scheduledAt ?? '' } };
  const { running, lastRun, ...rest } = patrol;
  const isNewer = lastRun === undefined || lastRun.runId === run.runId || atOf(run) >= atOf(lastRun);
  const last = isNewer ? run : lastRun;
  return {
    ...rest,
    ...(running !== undefined && running.runId !== run.runId && { running }),
    ...(last !== undefined && { lastRun: last }),
  };
}

function merge(runs: readonly PatrolRun[], more: readonly PatrolRun[]): readonly PatrolRun[] {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  for (const run of more) byId.set(run.runId, run);
  return [...byId.values()].toSorted((left, right) => atOf(right) - atOf(left)).slice(0, maxRuns);
}

function atOf(run: PatrolRun): number {
  return Date.parse(momentOf(run)) || 0;
}
