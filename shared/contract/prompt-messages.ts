// The messages of listing the prompts of MCP servers and of filling one in.
import * as z from 'zod';
import { defineRequest } from './definition.ts';
import { wireErrorSchema } from '../errors/wire-error.ts';

export const listedPromptSchema = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  arguments: z
    .array(z.looseObject({ name: z.string(), description: z.string().optional(), required: z.boolean().optional() }))
    .optional(),
});

export type ListedPrompt = z.infer<typeof listedPromptSchema>;

const promptServerSchema = z.looseObject({
  name: z.string(),
  prompts: z.array(listedPromptSchema),
  /** True when the server has more than are listed. */
  truncated: z.boolean().optional(),
  /** Why there is nothing, when the server could not be asked. */
  error: wireErrorSchema.optional(),
});

export type PromptServer = z.infer<typeof promptServerSchema>;

export const promptList = defineRequest({
  type: 'PromptListRequested',
  subject: (agent) => `prompt.list.${agent}`,
  request: z.looseObject({ server: z.string().optional() }),
  reply: z.looseObject({ servers: z.array(promptServerSchema) }),
  replyTrust: 'tool-output',
});

export const promptGet = defineRequest({
  type: 'PromptGetRequested',
  subject: (agent) => `prompt.get.${agent}`,
  request: z.looseObject({
    server: z.string(),
    name: z.string().min(1),
    /** MCP takes text only. */
    arguments: z.record(z.string(), z.string()).default({}),
    /** Milliseconds, capped by the agent. */
    timeoutMs: z.number().int().positive().optional(),
  }),
  reply: z.looseObject({
    server: z.string(),
    name: z.string(),
    durationMs: z.number(),
    description: z.string().optional(),
    /** As the server sent them; `content` is an MCP content block. */
    messages: z.array(z.looseObject({ role: z.string(), content: z.looseObject({ type: z.string() }) })),
  }),
  trust: 'tool-request',
  replyTrust: 'tool-output',
});

export type PromptReply = z.infer<typeof promptGet.reply>;
