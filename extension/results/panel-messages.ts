// What the result page and the extension say to each other, and the page's state that outlives it; parsed on both sides.
import * as z from 'zod/mini';
import { nextSteps } from './next-step.ts';

const factsSchema = z.object({
  callId: z.string(),
  server: z.string(),
  tool: z.string(),
  caller: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  ok: z.boolean(),
});

/** What is known of a call without its result; all that a reload of the window leaves. */
export type CallFacts = z.infer<typeof factsSchema>;

const pagingSchema = z.object({
  /** Addresses of pages that can be asked for. */
  links: z.array(z.string()),
  /** The one that is being asked for. */
  loading: z.optional(z.string()),
  /** What came of the last one, if it did not come. */
  failed: z.optional(z.object({ link: z.string(), problem: z.string() })),
});

/** What can be done about lists that the server has more of. */
export type Paging = z.infer<typeof pagingSchema>;

const toPageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('show'),
    /** A `ToolResultEvent` as JSON text, so that it crosses whole however deep it nests. */
    event: z.string(),
    /** What to do about its error, where the window knows it better than the event. */
    advice: z.optional(
      z.object({
        title: z.optional(z.string()),
        meaning: z.optional(z.string()),
        text: z.optional(z.string()),
        step: z.optional(z.enum(nextSteps)),
      }),
    ),
    /** Lists of texts among its arguments, of which one may name its requests. */
    requests: z.optional(z.array(z.array(z.string()))),
    paging: z.optional(pagingSchema),
    isKept: z.boolean(),
  }),
  z.object({ type: z.literal('lost'), facts: factsSchema }),
  z.object({ type: z.literal('kept'), isKept: z.boolean() }),
  z.object({ type: z.literal('paging'), paging: pagingSchema }),
]);

export type ToResultPage = z.infer<typeof toPageSchema>;

const fromPageSchema = z.discriminatedUnion('type', [
  /** The zone of the reader's screen; an extension may run elsewhere. */
  z.object({ type: z.literal('ready'), timeZone: z.optional(z.string()) }),
  /** `isWhole`: as the server sent it, with all that the protocol puts around the content. */
  z.object({ type: z.literal('copyJson'), isWhole: z.boolean() }),
  /** Times are written in the zone of the reader's screen. */
  z.object({ type: z.literal('copyMarkdown'), timeZone: z.string() }),
  z.object({ type: z.literal('copyText'), text: z.string() }),
  z.object({ type: z.literal('openLink'), url: z.string() }),
  /** The file in the block of this number, from 0. */
  z.object({ type: z.literal('saveFile'), block: z.number() }),
  z.object({ type: z.literal('keep') }),
  /** The page that follows the list in the block of this number, from 0. */
  z.object({ type: z.literal('loadMore'), block: z.number() }),
  z.object({ type: z.literal('step'), step: z.enum(nextSteps) }),
]);

export type FromResultPage = z.infer<typeof fromPageSchema>;

/** `raw` is the JSON of the whole answer, `json` that of its content. */
export const resultModes = ['view', 'json', 'raw'] as const;

export type ResultMode = (typeof resultModes)[number];

const placeSchema = z.object({
  /** Pixels that the list or the page is scrolled. */
  top: z.number(),
  /** Row of the list that is chosen; -1 for none. */
  row: z.number(),
  isOpen: z.boolean(),
});

/** Where the reader was. */
export type ReadingPlace = z.infer<typeof placeSchema>;

const stateSchema = z.object({
  facts: factsSchema,
  mode: z.enum(resultModes),
  place: z.optional(placeSchema),
});

export type ResultPageState = z.infer<typeof stateSchema>;

export function parseToResultPage(data: unknown): ToResultPage | undefined {
  return toPageSchema.safeParse(data).data;
}

export function parseFromResultPage(data: unknown): FromResultPage | undefined {
  return fromPageSchema.safeParse(data).data;
}

export function parseResultPageState(data: unknown): ResultPageState | undefined {
  return stateSchema.safeParse(data).data;
}
