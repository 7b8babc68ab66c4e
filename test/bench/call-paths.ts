// Three ways to call the same tool with the same payload: the MCP SDK directly, through mcp-remote, and through an agent.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BenchAgent, BenchStack } from './bench-stack.ts';

export interface CallPath extends AsyncDisposable {
  /** Rejects when the payload does not come back. */
  call(payload: string): Promise<void>;
}

/** The SDK's client over streamable HTTP, the reply in JSON. */
export async function openSdkPath({ echoUrl, bearer }: BenchStack): Promise<CallPath> {
  const headers = { authorization: `Bearer ${bearer}` };
  return openClient(new StreamableHTTPClientTransport(new URL(echoUrl), { requestInit: { headers } }));
}

/** stdio to mcp-remote, from there HTTP; as a desktop host uses a remote server. */
export async function openRemotePath({ echoUrl, bearer, scratch }: BenchStack): Promise<CallPath> {
  const manifest = createRequire(import.meta.url).resolve('mcp-remote/package.json');
  return openClient(
    new StdioClientTransport({
      command: process.execPath,
      // As its manual says; what it logs is read, as hosts do.
      args: [
        join(dirname(manifest), 'dist/proxy.js'),
        echoUrl,
        '--transport',
        'http-only',
        '--header',
        'Authorization:${BENCH_AUTHORIZATION}',
      ],
      env: { BENCH_AUTHORIZATION: `Bearer ${bearer}`, MCP_REMOTE_CONFIG_DIR: join(scratch, 'mcp-remote') },
      stderr: 'pipe',
    }),
  );
}

/** Requester, nats-server, agent; bearer, audit line, metrics and event included. */
export function openAgentPath({ bus }: BenchAgent): CallPath {
  let calls = 0;
  return {
    async call(payload) {
      const { result } = await bus.request(
        'toolInvoke',
        { callId: `bench-${++calls}`, server: 'echo', tool: 'echo', arguments: { payload } },
        { timeoutMs: 60_000 },
      );
      assertEcho(result, payload);
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function openClient(transport: StdioClientTransport | StreamableHTTPClientTransport): Promise<CallPath> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  if (transport instanceof StdioClientTransport) transport.stderr?.on('data', () => {});
  await client.connect(transport);
  return {
    async call(payload) {
      assertEcho(await client.callTool({ name: 'echo', arguments: { payload } }), payload);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}

function assertEcho(result: object, payload: string): void {
  const { content } = result as { content?: { text?: unknown }[] };
  if (content?.[0]?.text !== payload) throw new Error('The payload did not come back.');
}
