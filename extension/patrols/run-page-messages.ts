// What the page of a run's record and the extension say to each other, and the page's state that outlives it; parsed on both sides.
import * as z from 'zod/mini';

const toPageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('show'),
    /** A `PatrolRun` as JSON text, so that it crosses whole however deep its results nest. */
    run: z.string(),
  }),
  /** The record is not to be had; `message` is for people. */
  z.object({ type: z.literal('lost'), patrol: z.string(), message: z.string() }),
]);

export type ToRunPage = z.infer<typeof toPageSchema>;

const fromPageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('copyJson') }),
  /** Times are written as the reader's screen shows them. */
  z.object({ type: z.literal('copyMarkdown'), timeZone: z.string(), locale: z.string() }),
  /** The place of a step in the record, from 0. */
  z.object({ type: z.literal('openStep'), index: z.number() }),
  z.object({ type: z.literal('runAgain') }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('reload') }),
]);

export type FromRunPage = z.infer<typeof fromPageSchema>;

const stateSchema = z.object({ runId: z.string(), patrol: z.string(), top: z.number() });

/** What a reload of the window leaves. */
export type RunPageState = z.infer<typeof stateSchema>;

export function parseToRunPage(data: unknown): ToRunPage | undefined {
  return toPageSchema.safeParse(data).data;
}

export function parseFromRunPage(data: unknown): FromRunPage | undefined {
  return fromPageSchema.safeParse(data).data;
}

export function parseRunPageState(data: unknown): RunPageState | undefined {
  return stateSchema.safeParse(data).data;
}
