// The messages of listing and reading the resources of MCP servers.
import * as z from 'zod';
import { defineRequest } from './definition.ts';
import { wireErrorSchema } from '../errors/wire-error.ts';

export const listedResourceSchema = z.looseObject({
  uri: z.string(),
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  /** Bytes, as the server says. */
  size: z.number().optional(),
});

export type ListedResource = z.infer<typeof listedResourceSchema>;

export const listedTemplateSchema = z.looseObject({
  /** RFC 6570. */
  uriTemplate: z.string(),
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
});

export type ListedTemplate = z.infer<typeof listedTemplateSchema>;

const resourceServerSchema = z.looseObject({
  name: z.string(),
  resources: z.array(listedResourceSchema),
  templates: z.array(listedTemplateSchema),
  /** True when the server has more than are listed. */
  truncated: z.boolean().optional(),
  /** Why there is nothing, when the server could not be asked. */
  error: wireErrorSchema.optional(),
});

export type ResourceServer = z.infer<typeof resourceServerSchema>;

export const resourceList = defineRequest({
  type: 'ResourceListRequested',
  subject: (agent) => `resource.list.${agent}`,
  request: z.looseObject({ server: z.string().optional() }),
  reply: z.looseObject({ servers: z.array(resourceServerSchema) }),
  replyTrust: 'tool-output',
});

/** One part of a resource: `text`, or `blob` in base64. */
export const resourceContentSchema = z.looseObject({
  uri: z.string(),
  mimeType: z.string().optional(),
  text: z.string().optional(),
  blob: z.string().optional(),
});

export type ResourceContent = z.infer<typeof resourceContentSchema>;

export const resourceRead = defineRequest({
  type: 'ResourceReadRequested',
  subject: (agent) => `resource.read.${agent}`,
  request: z.looseObject({
    server: z.string(),
    uri: z.string().min(1).max(8_192),
    /** Milliseconds for the whole read, capped by the agent. */
    timeoutMs: z.number().int().positive().optional(),
  }),
  reply: z.looseObject({
    server: z.string(),
    uri: z.string(),
    durationMs: z.number(),
    contents: z.array(resourceContentSchema),
  }),
  trust: 'tool-request',
  replyTrust: 'tool-output',
});
