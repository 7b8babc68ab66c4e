// The message that registers, removes, describes and refreshes MCP servers.
import * as z from 'zod';
import { defineRequest } from './definition.ts';
import { listedServerSchema } from './tool-messages.ts';

export const mcpManage = defineRequest({
  type: 'McpManageRequested',
  subject: (agent) => `mcp.manage.${agent}`,
  request: z.discriminatedUnion('action', [
    z.looseObject({ action: z.literal('register'), name: z.string().min(1), entry: z.looseObject({}) }),
    z.looseObject({ action: z.literal('unregister'), name: z.string().min(1) }),
    z.looseObject({ action: z.literal('details'), name: z.string().min(1) }),
    z.looseObject({ action: z.literal('refresh'), name: z.string().min(1).optional() }),
  ]),
  reply: z.looseObject({ servers: z.array(listedServerSchema) }),
  replyTrust: 'tool-output',
});
