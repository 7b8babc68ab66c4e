// The messages that register, remove, describe and refresh MCP servers, and those that read and write mcp.json as a whole.
import * as z from 'zod';
import { defineRequest } from './definition.ts';
import { listedServerSchema } from './tool-messages.ts';

/** How much of mcp.json may be changed over the bus; each includes what stands before it. */
export const editingLevels = ['off', 'registered', 'remote', 'all'] as const;

export type EditingLevel = (typeof editingLevels)[number];

/** Bytes of an mcp.json that is read or written over the bus. */
export const maxMcpFileBytes = 1_000_000;

/** Stands in place of a credential, which does not travel; a text that holds it is not written. */
export const maskedCredential = '<credential, kept on the agent>';

const mcpFileSchema = z.looseObject({
  /** As it stands on the agent, with credentials masked; empty when there is no file, and when `masked` it may be withheld. */
  text: z.string(),
  /** Of this text, opaque; absent when there is no file. */
  version: z.string().optional(),
  exists: z.boolean(),
  /** Something in the text was masked, or all of it withheld. */
  masked: z.boolean().optional(),
  editing: z.enum(editingLevels).or(z.string()),
  /** Why no text at all would be written, in plain words. */
  readOnly: z.string().optional(),
  profiles: z.array(
    z.looseObject({ name: z.string(), scopes: z.array(z.string()), allowedOrigins: z.array(z.string()) }),
  ),
  /** Names of variables that `${NAME}` can stand for; of a caller who asks `mcp.file`, those that the file has. */
  environment: z.array(z.string()),
  /** Of the profile `workiq`. */
  tenantId: z.string(),
});

export type McpFileContent = z.infer<typeof mcpFileSchema>;

const appliedSchema = z.looseObject({
  /** Names of servers, by their entries. */
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  unchanged: z.array(z.string()),
  /** Of mcp.json as it is in force now, as in `tool.list`. */
  problems: z.array(z.string()),
  /** The file is written, and was not in force yet when the agent answered: `problems` are of the one before. */
  late: z.boolean().optional(),
});

export type AppliedMcpFile = z.infer<typeof appliedSchema>;

export const mcpManage = defineRequest({
  type: 'McpManageRequested',
  subject: (agent) => `mcp.manage.${agent}`,
  request: z.discriminatedUnion('action', [
    z.looseObject({ action: z.literal('register'), name: z.string().min(1), entry: z.looseObject({}) }),
    z.looseObject({ action: z.literal('unregister'), name: z.string().min(1) }),
    z.looseObject({ action: z.literal('details'), name: z.string().min(1) }),
    z.looseObject({ action: z.literal('refresh'), name: z.string().min(1).optional() }),
    z.looseObject({ action: z.literal('read') }),
    /** `version`: of the text that it replaces; absent where there is to be no file yet. */
    z.looseObject({ action: z.literal('write'), text: z.string(), version: z.string().max(128).optional() }),
  ]),
  reply: z.looseObject({
    /** None after `read`; after `write` those that were added or changed. */
    servers: z.array(listedServerSchema),
    /** After `read`, and after `write` as it stands now. */
    file: mcpFileSchema.optional(),
    /** After `write`. */
    applied: appliedSchema.optional(),
  }),
  replyTrust: 'tool-output',
});

/** What `read` answers, for those who may look and not manage. */
export const mcpFile = defineRequest({
  type: 'McpFileRequested',
  subject: (agent) => `mcp.file.${agent}`,
  request: z.looseObject({}),
  reply: z.looseObject({ file: mcpFileSchema }),
  replyTrust: 'tool-output',
});
