// One HTTP request on its way through an MCP endpoint, and the JSON-RPC message in it. Decides nothing.
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Fault } from '../faults.ts';
import type { Endpoint, World } from './endpoint.ts';
import type { Reply } from './reply.ts';

export const VERSIONS = ['2025-06-18', '2025-03-26'];

const rpcMessage = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type RpcMessage = z.infer<typeof rpcMessage>;

export type Exchange = {
  world: World;
  endpoint: Endpoint;
  request: IncomingMessage;
  reply: Reply;
  message: RpcMessage | undefined;
  fault: Fault | undefined;
  session: string | undefined;
};

/** Undefined for anything but one JSON-RPC message. */
export function parseMessage(body: string): RpcMessage | undefined {
  try {
    return rpcMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
