// What the doctor's page and the extension say to each other, and what the page leaves for its next life; parsed on both sides.
import * as z from 'zod/mini';

const findingSchema = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(['ok', 'note', 'warning', 'failed', 'skipped']),
  what: z.string(),
  why: z.string(),
  action: z.optional(z.string()),
  step: z.optional(z.object({ label: z.string(), command: z.string() })),
});

const documentSchema = z.object({
  tone: z.enum(['ok', 'warning', 'failed']),
  headline: z.string(),
  at: z.string(),
  care: z.array(findingSchema),
  groups: z.array(z.object({ name: z.string(), findings: z.array(findingSchema) })),
  isProbed: z.boolean(),
});

/** `about` tells one bus and agent from others. */
const stateSchema = z.object({ document: documentSchema, about: z.string() });

const toPageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('show'),
    ...stateSchema.shape,
    /** It is about another bus or agent than the window has now. */
    isOutdated: z.boolean(),
  }),
  /** After a reload of the window that left nothing. */
  z.object({ type: z.literal('lost') }),
]);

export type DoctorPageState = z.infer<typeof stateSchema>;

export type ToDoctorPage = z.infer<typeof toPageSchema>;

const fromPageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('again') }),
  /** With a new token from Entra. */
  z.object({ type: z.literal('refresh') }),
  /** With calls to the servers, which have a price. */
  z.object({ type: z.literal('probe') }),
  z.object({ type: z.literal('copy') }),
  /** A step of the document; others are not run. */
  z.object({ type: z.literal('step'), command: z.string() }),
]);

export type FromDoctorPage = z.infer<typeof fromPageSchema>;

export function parseToDoctorPage(data: unknown): ToDoctorPage | undefined {
  return toPageSchema.safeParse(data).data;
}

export function parseDoctorPageState(data: unknown): DoctorPageState | undefined {
  return stateSchema.safeParse(data).data;
}

export function parseFromDoctorPage(data: unknown): FromDoctorPage | undefined {
  return fromPageSchema.safeParse(data).data;
}
