// What is under way, waiting and owed for one patrol, as a pure machine: each occurrence leaves it exactly once, run or skipped.
import * as z from 'zod';
import type { RunTrigger, SkipReason } from '../contract/patrol-messages.ts';
import type { DowntimePlan } from './downtime-plan.ts';
import type { Patrol } from './patrol.ts';
import type { Occurrence, OccurrenceSpan } from './timetable.ts';

const occurrenceSchema = z.object({
  id: z.string(),
  patrol: z.string(),
  scheduledAt: z.number(),
  startsAt: z.number(),
});

/** Kept on the volume, so that nothing is lost or run twice over a restart. Instants are milliseconds since the epoch. */
export const patrolStateSchema = z.object({
  /** The latest `scheduledAt` that was taken up: every occurrence up to it is run, skipped, running or waiting. */
  handledUpTo: z.number(),
  running: z.boolean(),
  /** One that was due during a run, with overlap "queue". */
  waiting: occurrenceSchema.optional(),
  /** True when the last run could not see everything for want of a sign-in. */
  owesCatchUp: z.boolean(),
  /** True when the sign-in came while a run was under way. */
  catchUpIsDue: z.boolean(),
});

export type PatrolState = z.infer<typeof patrolStateSchema>;

export type PatrolRules = Pick<Patrol, 'enabled' | 'overlap' | 'missed' | 'catchUp'>;

export type PatrolEvent =
  /** The first event after a start, with a complete plan for what was missed. */
  | { type: 'started'; plan: DowntimePlan }
  /** In the order of the timetable, each once. */
  | { type: 'due'; occurrence: Occurrence }
  | { type: 'runRequested' }
  /** A run ended in any way. `missedSignIn`: it could not see something because a sign-in is needed. */
  | { type: 'ended'; missedSignIn: boolean }
  /** A sign-in was accepted; also after `started`, when there is one. */
  | { type: 'signedIn' }
  /** It was removed, stopped or replaced by one with other rules; `enabled` false in the rules means the same as removed. */
  | { type: 'disabled'; reason?: Extract<SkipReason, 'disabled' | 'invalid'> };

export type PatrolAction =
  | { type: 'run'; trigger: RunTrigger; occurrence?: Occurrence }
  | { type: 'skip'; reason: SkipReason; span: OccurrenceSpan }
  /** A run by hand while one is under way. */
  | { type: 'refuse' };

export interface PatrolTransition {
  state: PatrolState;
  /** In order; at most one of them is `run`. */
  actions: PatrolAction[];
}

/** A patrol that was never seen before owes nothing for the time before. */
export function newPatrolState(now: number): PatrolState {
  return { handledUpTo: now, running: false, owesCatchUp: false, catchUpIsDue: false };
}

export function reducePatrol(state: PatrolState, event: PatrolEvent, rules: PatrolRules): PatrolTransition {
  switch (event.type) {
    case 'started':
      return afterStart(state, event.plan, rules);
    case 'due':
      return whenDue({ ...state, handledUpTo: event.occurrence.scheduledAt }, event.occurrence, rules);
    case 'runRequested':
      return state.running ? { state, actions: [{ type: 'refuse' }] } : run(state, 'manual');
    case 'ended':
      return afterRun({ ...state, running: false, owesCatchUp: event.missedSignIn }, event.missedSignIn, rules);
    case 'signedIn':
      // The run under way may have begun without it.
      if (state.running) return { state: { ...state, catchUpIsDue: true }, actions: [] };
      return state.owesCatchUp && rules.catchUp && rules.enabled ? run(state, 'catchUp') : { state, actions: [] };
    case 'disabled':
      return withoutWaiting(state, event.reason ?? 'disabled');
  }
}

/** What ran when the agent ended does so no more: its record is closed as interrupted. What waited counts as missed. */
function afterStart(
  { waiting, ...state }: PatrolState,
  { handledUpTo, skipped, run: latest }: DowntimePlan,
  rules: PatrolRules,
): PatrolTransition {
  const idle: PatrolState = {
    ...state,
    running: false,
    catchUpIsDue: false,
    handledUpTo: Math.max(state.handledUpTo, handledUpTo),
  };
  const reason = rules.enabled ? 'missed' : 'disabled';
  const candidate = latest ?? (rules.missed === 'runOnce' && skipped === undefined ? waiting : undefined);
  const chosen = rules.enabled ? candidate : undefined;
  const before: PatrolAction[] = [];
  if (waiting !== undefined && waiting !== chosen) before.push(skip(waiting, reason));
  if (skipped !== undefined) before.push({ type: 'skip', reason, span: skipped });
  if (latest !== undefined && latest !== chosen) before.push(skip(latest, reason));
  return chosen === undefined
    ? { state: idle, actions: before }
    : run(idle, 'schedule', { occurrence: chosen, before });
}

function whenDue(state: PatrolState, occurrence: Occurrence, rules: PatrolRules): PatrolTransition {
  if (!rules.enabled) return { state, actions: [skip(occurrence, 'disabled')] };
  if (!state.running) return run(state, 'schedule', { occurrence });
  if (rules.overlap === 'queue' && state.waiting === undefined)
    return { state: { ...state, waiting: occurrence }, actions: [] };
  return { state, actions: [skip(occurrence, 'overlap')] };
}

function afterRun(state: PatrolState, missedSignIn: boolean, rules: PatrolRules): PatrolTransition {
  const { waiting, catchUpIsDue, ...rest } = state;
  const idle: PatrolState = { ...rest, catchUpIsDue: false };
  // A waiting occurrence sees what a run for catching up would see.
  if (waiting !== undefined && rules.enabled) return run(idle, 'schedule', { occurrence: waiting });
  const before = waiting === undefined ? [] : [skip(waiting, 'disabled')];
  if (catchUpIsDue && missedSignIn && rules.catchUp && rules.enabled) return run(idle, 'catchUp', { before });
  return { state: idle, actions: before };
}

function withoutWaiting({ waiting, ...state }: PatrolState, reason: SkipReason): PatrolTransition {
  return { state, actions: waiting === undefined ? [] : [skip(waiting, reason)] };
}

function run(
  state: PatrolState,
  trigger: RunTrigger,
  { occurrence, before = [] }: { occurrence?: Occurrence; before?: PatrolAction[] } = {},
): PatrolTransition {
  return {
    state: { ...state, running: true },
    actions: [...before, { type: 'run', trigger, ...(occurrence !== undefined && { occurrence }) }],
  };
}

function skip(occurrence: Occurrence, reason: SkipReason): PatrolAction {
  return { type: 'skip', reason, span: { count: 1, first: occurrence, last: occurrence } };
}
