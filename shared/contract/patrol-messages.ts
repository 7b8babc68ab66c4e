// The messages of patrols (scheduled tool calls), and the record that each run of one leaves.
import * as z from 'zod';
import type { ErrorCode } from '../errors/error-code.ts';
import { wireErrorSchema } from '../errors/wire-error.ts';
import { defineEvent, defineRequest } from './definition.ts';

/**
 * How a run stands or ended. `blind`: it went through, but could not see everything it should have seen. `skipped`: an
 * occurrence, or a row of them, that was not run. `interrupted`: the agent ended while it ran.
 */
export const runStatuses = ['running', 'ok', 'blind', 'failed', 'skipped', 'interrupted', 'cancelled'] as const;

export type RunStatus = (typeof runStatuses)[number];

/** `catchUp`: once after a sign-in, for runs that could not see for want of one. */
export const runTriggers = ['schedule', 'manual', 'catchUp'] as const;

export type RunTrigger = (typeof runTriggers)[number];

/**
 * How a step ended. `partial`: some of its calls, or parts of a result, failed. `blind`: not called, because its server, or a
 * step whose result it reads, could not be seen. `skipped`: its condition was false. `not_run`: the run ended before it.
 */
export const stepOutcomes = ['ok', 'partial', 'blind', 'failed', 'skipped', 'not_run', 'cancelled'] as const;

export type StepOutcome = (typeof stepOutcomes)[number];

/** Why an occurrence was not run. `invalid`: the patrol was stopped because of its problems. */
export const skipReasons = ['disabled', 'overlap', 'missed', 'invalid'] as const;

export type SkipReason = (typeof skipReasons)[number];

/** Times are ISO 8601 in UTC, durations milliseconds. */
export const stepRecordSchema = z.looseObject({
  id: z.string(),
  server: z.string(),
  tool: z.string(),
  outcome: z.enum(stepOutcomes).or(z.string()),
  startedAt: z.string().optional(),
  durationMs: z.number().optional(),
  /** Calls that were made. */
  calls: z.number().int().nonnegative(),
  /** Why it was not called, in plain words. */
  reason: z.string().optional(),
  error: wireErrorSchema.optional(),
  /** Of a step with forEach: how many there were, and what became of those within its bound. */
  items: z.looseObject({ total: z.number(), run: z.number(), failed: z.number() }).optional(),
  /** What the tool said; left out when it is too large, then `resultBytes` says how large it was. */
  result: z.unknown().optional(),
  resultBytes: z.number().optional(),
});

export type StepRecord = z.infer<typeof stepRecordSchema>;

/** `not_run`: the run ended before the step. `not_seen`: the step needs what another one did not see. */
export type BlindCode = ErrorCode | 'not_run' | 'not_seen';

/** Something that a run should have seen and did not. */
export const blindSpotSchema = z.looseObject({
  server: z.string(),
  /** The step that should have seen it. */
  step: z.string().optional(),
  /** A `BlindCode`, or one of a newer agent. */
  code: z.string(),
  /** Plain words, such as "sign-in is needed". */
  reason: z.string(),
});

export type BlindSpot = z.infer<typeof blindSpotSchema>;

export const patrolRunSchema = z.looseObject({
  runId: z.string(),
  patrol: z.string(),
  trigger: z.enum(runTriggers).or(z.string()),
  status: z.enum(runStatuses).or(z.string()),
  /** Which occurrence of the schedule it is of; see `Occurrence`. */
  occurrenceId: z.string().optional(),
  scheduledAt: z.string().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  durationMs: z.number().optional(),
  /** Plain words. The first line says how it went, and first of all what could not be seen. */
  summary: z.string(),
  /** Of a `skipped` record, which may stand for a whole row of occurrences. */
  skipped: z
    .looseObject({
      reason: z.enum(skipReasons).or(z.string()),
      count: z.number().int().positive(),
      first: z.string(),
      last: z.string(),
    })
    .optional(),
  /** Why it failed. */
  error: wireErrorSchema.optional(),
  /** Names of the servers that were seen. */
  saw: z.array(z.string()),
  blind: z.array(blindSpotSchema),
  steps: z.array(stepRecordSchema),
  budget: z.looseObject({
    calls: z.number(),
    callsPerRun: z.number(),
    callsToday: z.number().optional(),
    callsPerDay: z.number().optional(),
  }),
  /** The patrol's own text, with lines that would need what was not seen replaced. */
  output: z.string().optional(),
  /** Lines of the output that could not be filled in, in plain words. */
  outputProblems: z.array(z.string()).optional(),
});

export type PatrolRun = z.infer<typeof patrolRunSchema>;

export const listedPatrolSchema = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  enabled: z.boolean(),
  /** False for one that is stopped because of its `problems`. */
  valid: z.boolean(),
  /** Plain words with their place in patrols.json. */
  problems: z.array(z.string()),
  schedule: z.looseObject({ cron: z.string(), timeZone: z.string(), jitterSeconds: z.number().optional() }).optional(),
  nextRunAt: z.string().optional(),
  /** Present while a run is under way. */
  running: z.looseObject({ runId: z.string(), startedAt: z.string() }).optional(),
  /** Without results. */
  lastRun: patrolRunSchema.optional(),
  /** True when it will run once after the next sign-in. */
  awaitsSignIn: z.boolean().optional(),
  steps: z.array(z.looseObject({ id: z.string(), server: z.string(), tool: z.string() })),
});

export type ListedPatrol = z.infer<typeof listedPatrolSchema>;

export const patrolList = defineRequest({
  type: 'PatrolListRequested',
  subject: (agent) => `patrol.${agent}.list`,
  request: z.looseObject({ patrol: z.string().optional() }),
  reply: z.looseObject({
    patrols: z.array(listedPatrolSchema),
    /** Problems of patrols.json as a whole, which keep the last good state in force. */
    problems: z.array(z.string()),
  }),
  replyTrust: 'tool-output',
});

/** Ids of runs are tokens, so that they can stand in file names and be the beginning of a call's id. */
export const runIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'use 1 to 40 of A-Z, a-z, 0-9, "_" and "-"');

export const patrolRunNow = defineRequest({
  type: 'PatrolRunRequested',
  subject: (agent) => `patrol.${agent}.run`,
  request: z.looseObject({
    patrol: z.string().min(1),
    /** `cancel` ends the run that is under way; with a `runId` only that one. */
    action: z.enum(['start', 'cancel']).default('start'),
    /** Chosen by the requester, so that a repeated request starts nothing anew. */
    runId: runIdSchema.optional(),
  }),
  /** The reply comes when the run has started or was told to end; how it went on is told by `patrol.{agent}.changed`. */
  reply: z.looseObject({ run: patrolRunSchema }),
  trust: 'tool-request',
  replyTrust: 'tool-output',
});

export const patrolHistory = defineRequest({
  type: 'PatrolHistoryRequested',
  subject: (agent) => `patrol.${agent}.history`,
  request: z.looseObject({
    patrol: z.string().optional(),
    /** One run, whole; otherwise records come without the results of steps. */
    runId: runIdSchema.optional(),
    limit: z.number().int().positive().max(500).default(20),
    /** Older than this, ISO 8601; for paging. */
    before: z.string().optional(),
  }),
  /** Newest first. */
  reply: z.looseObject({ runs: z.array(patrolRunSchema) }),
  replyTrust: 'tool-output',
});

export const patrolChanged = defineEvent({
  type: 'PatrolChanged',
  subject: (agent) => `patrol.${agent}.changed`,
  payload: z.looseObject({
    /** A run that started, went on or ended, without results; absent when the patrols themselves changed. */
    run: patrolRunSchema.optional(),
    /** Names of the patrols that were added, changed, removed or have a new time of their next run. */
    patrols: z.array(z.string()),
  }),
  trust: 'tool-output',
});

export type PatrolChanged = z.infer<typeof patrolChanged.payload>;
