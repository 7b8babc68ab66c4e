// The messages of listing, calling, following and cancelling tools.
import * as z from 'zod';
import { authStateSchema } from './auth-state.ts';
import { defineEvent, defineRequest } from './definition.ts';
import { wireErrorSchema, type WireError } from '../errors/wire-error.ts';

export const serverStates = ['connecting', 'ready', 'auth_required', 'unavailable', 'disabled', 'invalid'] as const;

export type ServerStatus = (typeof serverStates)[number];

export const toolSchema = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  /** JSON Schema of the arguments, as the server gave it. */
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  /** Whether a call can change something: `read` never, `write` possibly. */
  sideEffects: z.enum(['read', 'write']),
});

export type ListedTool = z.infer<typeof toolSchema>;

export const hiddenToolSchema = z.looseObject({
  /** Tool name; absent when a whole server is hidden before its tools were ever seen. */
  name: z.string().optional(),
  reason: z.string(),
  /** Why in one word, for programs. */
  code: z.enum(['auth_required', 'denied', 'not_allowed', 'unavailable', 'disabled', 'invalid']),
});

export type HiddenTool = z.infer<typeof hiddenToolSchema>;

const listedLimitsSchema = z.looseObject({
  /** Calls that may run at the same time, and those that may wait for their turn. */
  concurrent: z.number(),
  queued: z.number(),
  running: z.number(),
  waiting: z.number(),
  callsPerDay: z.number().optional(),
  callsPerDayPerCaller: z.number().optional(),
  /** Calls of this UTC day, of all callers together. */
  callsToday: z.number(),
  /** ISO 8601; when `callsToday` begins anew. */
  resetsAt: z.string(),
  /** Further budgets that its calls are counted in: of its profile, and of entries whose limits it inherits. */
  shared: z
    .array(
      z.looseObject({
        kind: z.enum(['profile', 'server']).or(z.string()),
        /** Name of the profile or of the server. */
        of: z.string(),
        callsPerDay: z.number().optional(),
        callsPerDayPerCaller: z.number().optional(),
        callsToday: z.number(),
      }),
    )
    .optional(),
});

export type ListedLimits = z.infer<typeof listedLimitsSchema>;

export const listedServerSchema = z.looseObject({
  name: z.string(),
  state: z.enum(serverStates).or(z.string()),
  type: z.string(),
  /** Profile whose bearer it uses. */
  profile: z.string().optional(),
  version: z.string().optional(),
  tools: z.array(toolSchema),
  hidden: z.array(hiddenToolSchema),
  limits: listedLimitsSchema.optional(),
  error: wireErrorSchema.optional(),
});

export type ListedServer = z.infer<typeof listedServerSchema>;

export const toolList = defineRequest({
  type: 'ToolListRequested',
  subject: (agent) => `tool.list.${agent}`,
  request: z.looseObject({ server: z.string().optional() }),
  reply: z.looseObject({
    agent: z.string(),
    auth: authStateSchema,
    servers: z.array(listedServerSchema),
    /** Problems of mcp.json that keep the last good configuration in force. */
    problems: z.array(z.string()),
  }),
  replyTrust: 'tool-output',
});

/** Ids become part of a subject, so they are one token. */
export const callIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'use 1 to 64 of A-Z, a-z, 0-9, "_" and "-"');

/** A part of a result that failed while others succeeded, as one path of several that were fetched. */
const partFailureSchema = z.looseObject({
  /** From 0, in the order of the result. */
  index: z.number().int().nonnegative(),
  error: wireErrorSchema,
});

export interface PartFailure {
  index: number;
  error: WireError;
}

export const toolInvoke = defineRequest({
  type: 'ToolInvokeRequested',
  subject: (agent) => `tool.invoke.mcp.${agent}`,
  request: z.looseObject({
    callId: callIdSchema,
    /** May be left out when only one server offers the tool. */
    server: z.string().max(256).optional(),
    tool: z.string().min(1).max(256),
    arguments: z.record(z.string(), z.unknown()).default({}),
    /** Milliseconds for the whole call, capped by the agent. */
    timeoutMs: z.number().int().positive().optional(),
  }),
  reply: z.looseObject({
    callId: z.string(),
    server: z.string(),
    tool: z.string(),
    durationMs: z.number(),
    /** Present when some parts of the result failed. */
    failures: z.array(partFailureSchema).optional(),
    /** Present when structured content is not as the tool's output schema says, in plain words. */
    outputProblems: z.array(z.string()).optional(),
    /** MCP `CallToolResult` as the server sent it. */
    result: z.looseObject({}),
  }),
  trust: 'tool-request',
  replyTrust: 'tool-output',
});

export type ToolInvocation = z.infer<typeof toolInvoke.request>;

export const toolCancel = defineRequest({
  type: 'ToolCancelRequested',
  subject: (agent) => `tool.cancel.${agent}`,
  request: z.looseObject({ callId: callIdSchema }),
  /** `cancelled` is false when no such call was running. */
  reply: z.looseObject({ callId: z.string(), cancelled: z.boolean() }),
});

export const toolProgress = defineEvent({
  type: 'ToolProgress',
  /** The argument is `{agent}.{callId}`. */
  subject: (agentAndCall) => `tool.progress.${agentAndCall}`,
  payload: z.looseObject({
    callId: z.string(),
    progress: z.number(),
    total: z.number().optional(),
    message: z.string().optional(),
    /** Which call it is and who made it, for those that did not. */
    server: z.string().optional(),
    tool: z.string().optional(),
    caller: z.string().optional(),
    startedAt: z.string().optional(),
  }),
  trust: 'tool-output',
});

export const toolResult = defineEvent({
  type: 'ToolResult',
  subject: (agent) => `tool.result.${agent}`,
  payload: z.looseObject({
    callId: z.string(),
    server: z.string(),
    tool: z.string(),
    /** Who called, as the caller names itself (`rb-source`). */
    caller: z.string(),
    startedAt: z.string(),
    durationMs: z.number(),
    ok: z.boolean(),
    /** Present when some parts of the result failed. */
    failures: z.array(partFailureSchema).optional(),
    outputProblems: z.array(z.string()).optional(),
    /** Present when `ok`, unless it is larger than one event may be; then `resultBytes` says how large it was. */
    result: z.unknown().optional(),
    resultBytes: z.number().optional(),
    error: wireErrorSchema.optional(),
  }),
  trust: 'tool-output',
});

export type ToolResultEvent = z.infer<typeof toolResult.payload>;

export const mcpServersIndexed = defineEvent({
  type: 'McpServersIndexed',
  subject: (agent) => `tool.meta.mcp.${agent}`,
  payload: z.looseObject({
    servers: z.array(
      z.looseObject({
        name: z.string(),
        state: z.string(),
        tools: z.array(z.string()),
        /** True when `tools` leaves some out, for the message would be too large; `tool.list` has them all. */
        truncated: z.boolean().optional(),
      }),
    ),
    removed: z.array(z.string()),
  }),
  trust: 'tool-output',
});
