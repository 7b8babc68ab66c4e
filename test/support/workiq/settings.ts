// What can be switched while the simulator runs, with the defaults. Values only; knows no server.
import { z } from 'zod';

export const framing = z.enum(['json', 'sse']);

export const settingsSchema = z.object({
  /** The tenant's write policy of the single endpoint. Microsoft's default is denied. */
  mutations: z.enum(['allowed', 'denied']).default('denied'),
  /** Whether the policy refuses $skip and $skiptoken although next links carry them. */
  blocksSkip: z.boolean().default(true),
  /** How tools/call and the like are answered: one JSON body or one server-sent event. */
  mcpFraming: framing.default('json'),
  catalogueFraming: framing.default('sse'),
  /** Whether the single endpoint issues Mcp-Session-Id. The catalogue never does. */
  sessions: z.boolean().default(true),
  /** Whether a session refuses, with 401, every token but the one that it began with. */
  bindsSessions: z.boolean().default(false),
  /** Extra time for every tools/call, in milliseconds. */
  latencyMs: z.number().int().nonnegative().default(0),
  /** How long ask and the plain-language catalogue tools think, in milliseconds. */
  askLatencyMs: z.number().int().nonnegative().default(400),
  /** Progress notifications during ask when the caller sent a progress token. */
  askProgressSteps: z.number().int().nonnegative().default(4),
  /** readOnlyHint and destructiveHint in tools/list. */
  annotations: z.boolean().default(true),
  hiddenTools: z.array(z.string()).default([]),
  /** Tools that appear in tools/list of the single endpoint in addition; they echo their arguments. */
  extraTools: z
    .array(z.object({ name: z.string().min(1), description: z.string().default('An extra tool.') }))
    .default([]),
  /** Splits the catalogue's JSON text into blocks of this many characters; 0 keeps it whole. */
  textBlockChars: z.number().int().nonnegative().default(0),
});

export type Settings = z.infer<typeof settingsSchema>;

export const settingsPatch = settingsSchema.partial();
export type SettingsPatch = Partial<Settings>;
