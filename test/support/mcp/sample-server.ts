// A small MCP server made with the SDK, for the transports that Work IQ does not have; it knows no transport itself.
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const tool = (name: string, readOnlyHint: boolean): Tool => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint },
});

/** `echo` reads, `change` writes; `environment` tells names of variables; `wait` takes `ms`; `die` ends the process. */
const tools = [
  tool('echo', true),
  tool('change', false),
  tool('environment', true),
  tool('wait', true),
  tool('die', false),
];

export interface SampleServer {
  server: Server;
  /** Names of the tools called so far. */
  calls: string[];
  /** Calls that the client cancelled. */
  cancelled: () => number;
}

export function createSampleServer(): SampleServer {
  const server = new Server({ name: 'sample', version: '1.2.3' }, { capabilities: { tools: { listChanged: true } } });
  const calls: string[] = [];
  let cancelled = 0;
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    calls.push(params.name);
    signal.addEventListener('abort', () => (cancelled += 1));
    const progressToken = params._meta?.progressToken;
    if (progressToken !== undefined)
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } });
    if (params.name === 'die') process.exit(3);
    if (params.name === 'wait')
      await delay(z.object({ ms: z.number() }).parse(params.arguments).ms, undefined, { signal });
    const told = params.name === 'environment' ? Object.keys(process.env).sort() : params.arguments;
    return { content: [{ type: 'text', text: JSON.stringify(told) }] };
  });
  return { server, calls, cancelled: () => cancelled };
}
