// Reads the text of a finished call's event on the page: the members that the page shows, without the contract's parser,
// which would be most of the page.
import * as z from 'zod/mini';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';

const errorSchema = z.looseObject({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  action: z.optional(z.string()),
  retryAfterMs: z.optional(z.number()),
  requestId: z.optional(z.string()),
  result: z.optional(z.unknown()),
});

const eventSchema = z.looseObject({
  callId: z.string(),
  server: z.string(),
  tool: z.string(),
  caller: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  ok: z.boolean(),
  result: z.optional(z.unknown()),
  resultBytes: z.optional(z.number()),
  error: z.optional(errorSchema),
});

/** What of an event the page knows. */
export type ShownEvent = Pick<ToolResultEvent, keyof typeof eventSchema.shape>;

/** Undefined for what is no event. */
export function parseResultEvent(text: string): ShownEvent | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
