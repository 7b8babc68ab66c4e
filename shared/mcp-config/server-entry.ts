// One server of mcp.json after parsing: what it is, not yet how it is reached. Pure, so that editor and agent agree.
import * as z from 'zod';
import { isRecord } from '../is-record.ts';

const requiredText = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'is missing');

/** How much a server may be asked; see docs/contract.md for the defaults. */
const limitsSchema = z.strictObject({
  /** Calls that run at the same time. */
  concurrent: z.number().int().positive().max(10_000).optional(),
  /** Calls that wait for their turn; further ones are refused. */
  queued: z.number().int().nonnegative().max(100_000).optional(),
  /** Calls that reach the server in one UTC day, of all callers together. */
  callsPerDay: z.number().int().nonnegative().optional(),
  /** The same of any single caller. */
  callsPerDayPerCaller: z.number().int().nonnegative().optional(),
});

export type CallLimits = z.infer<typeof limitsSchema>;

const common = {
  enabled: z.boolean().default(true),
  /** The opposite of `enabled`, as other clients write it. */
  disabled: z.boolean().optional(),
  allowedTools: z.array(z.string()).optional(),
  deniedTools: z.array(z.string()).optional(),
  guards: z.unknown().optional(),
  limits: limitsSchema.optional(),
  /** False leaves it to the server to judge arguments, for one whose schemas are wrong. */
  checkArguments: z.boolean().default(true),
  /** Milliseconds. */
  timeoutMs: z.number().int().positive().max(3_600_000).optional(),
};

const remote = {
  url: requiredText,
  headers: z.record(z.string(), z.string()).default({}),
  auth: z.looseObject({ profile: z.string().min(1) }).optional(),
};

export const httpEntrySchema = z.looseObject({ type: z.literal('streamable-http'), ...remote, ...common });
export const sseEntrySchema = z.looseObject({ type: z.literal('sse'), ...remote, ...common });
export const stdioEntrySchema = z.looseObject({
  type: z.literal('stdio'),
  command: requiredText,
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  ...common,
});

export const serverEntrySchema = z.discriminatedUnion('type', [httpEntrySchema, sseEntrySchema, stdioEntrySchema], {
  error: ({ code }) => (code === 'invalid_union' ? 'must be streamable-http, http, sse or stdio' : 'must be an object'),
});

/** Marks entries that came over the bus. */
export const registeredMark = 'registeredOverBus';

/** Every key of an entry that means something here. */
export const entryKeys: ReadonlySet<string> = new Set([
  ...[httpEntrySchema, stdioEntrySchema].flatMap(({ shape }) => Object.keys(shape)),
  registeredMark,
]);

export type ServerEntry = z.infer<typeof serverEntrySchema>;

/**
 * The entry in its one spelling: `http` is an alias; without a type a `command` means stdio and a `url` streamable HTTP;
 * `disabled` alone becomes `enabled`.
 */
export function normalisedEntry(entry: unknown): unknown {
  if (!isRecord(entry)) return entry;
  const { enabled, disabled } = entry;
  const isOpposite = typeof disabled === 'boolean' && enabled === undefined;
  return withServerType(isOpposite ? { ...entry, enabled: !disabled } : entry);
}

function withServerType(entry: Record<string, unknown>): object {
  const { type, command } = entry;
  if (type === 'http' || type === 'streamableHttp') return { ...entry, type: 'streamable-http' };
  if (type !== undefined) return entry;
  return { ...entry, type: command === undefined ? 'streamable-http' : 'stdio' };
}
