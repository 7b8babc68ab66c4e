// Reads the text of a run's record on its page: the members that the page shows, without the contract's parser, which would be
// most of the page.
import * as z from 'zod/mini';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';

const text = z.optional(z.string());
const number = z.optional(z.number());

const errorSchema = z.looseObject({ code: z.string(), message: z.string(), retryable: z.boolean(), action: text });

const runSchema = z.looseObject({
  runId: z.string(),
  patrol: z.string(),
  trigger: z.string(),
  status: z.string(),
  scheduledAt: text,
  startedAt: text,
  endedAt: text,
  durationMs: number,
  summary: z.string(),
  skipped: z.optional(z.looseObject({ reason: z.string(), count: z.number(), first: z.string(), last: z.string() })),
  error: z.optional(errorSchema),
  saw: z.array(z.string()),
  blind: z.array(z.looseObject({ server: z.string(), step: text, code: z.string(), reason: z.string() })),
  steps: z.array(
    z.looseObject({
      id: z.string(),
      server: z.string(),
      tool: z.string(),
      outcome: z.string(),
      startedAt: text,
      durationMs: number,
      calls: z.number(),
      reason: text,
      error: z.optional(errorSchema),
      items: z.optional(z.looseObject({ total: z.number(), run: z.number(), failed: z.number() })),
      result: z.optional(z.unknown()),
      resultBytes: number,
    }),
  ),
  budget: z.looseObject({ calls: z.number(), callsPerRun: z.number(), callsToday: number, callsPerDay: number }),
  output: text,
  outputProblems: z.optional(z.array(z.string())),
});

/** Undefined for what is no record. */
export function parseRun(json: string): PatrolRun | undefined {
  try {
    return runSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
