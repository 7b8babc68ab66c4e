// Serves MCP over Streamable HTTP on one endpoint: handshake, tools, sessions, streams, cancellation. Hand-written, so
// that the services' quirks can be reproduced; knows no tool's work.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Identity } from '../auth.ts';
import { challenge, INVALID_AUDIENCE } from '../discovery.ts';
import type { Fault } from '../faults.ts';
import type { SeenRequest } from '../journal.ts';
import { argumentProblem, type ToolArguments, type ToolDefinition } from '../tools/tool.ts';
import { pause, type ToolCall } from '../tools/tool-call.ts';
import type { Endpoint, World } from './endpoint.ts';
import {
  answerFault,
  breaksOff,
  runsFirst,
  SESSION_NOT_FOUND,
  strikesEarly,
  type FaultScene,
} from './fault-answers.ts';
import { rpcError, rpcResult, type JsonRpcId } from './framing.ts';
import { Reply } from './reply.ts';

const VERSIONS = ['2025-06-18', '2025-03-26'];
const LARGEST_REQUEST = 32 * 1_048_576;

const rpcMessage = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
type RpcMessage = z.infer<typeof rpcMessage>;

const callParams = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  _meta: z.object({ progressToken: z.union([z.string(), z.number()]).optional() }).optional(),
});

/** One HTTP request on its way through the endpoint. */
type Exchange = {
  world: World;
  endpoint: Endpoint;
  request: IncomingMessage;
  reply: Reply;
  seen: SeenRequest;
  message: RpcMessage | undefined;
  fault: Fault | undefined;
  session: string | undefined;
};

export async function serveMcp(
  world: World,
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isPost = request.method === 'POST';
  const body = isPost ? await readBody(request) : '';
  const message = isPost ? parseMessage(body) : undefined;
  const method = message?.method ?? request.method ?? 'GET';
  const tool = method === 'tools/call' ? String(message?.params?.['name'] ?? '') : undefined;
  const { journal, faults } = world;
  const seen = journal.request({
    http: request.method ?? '',
    path: request.url ?? '',
    endpoint: endpoint.id,
    method,
    tool,
    headers: request.headers,
  });
  const settings = world.settings();
  const framing = endpoint.kind === 'unified' ? settings.mcpFraming : settings.catalogueFraming;
  const reply = new Reply({ response, framing, dialect: endpoint.kind === 'unified' ? 'plain' : 'dotnet' });
  response.once('finish', () => journal.answered(seen, response.statusCode));
  if (tool !== undefined) {
    const callEnded = journal.callStarted();
    response.once('close', callEnded);
  }

  const isFree = tool !== undefined && endpoint.server.freeTools.has(tool);
  const struck = faults.take({ endpoint: endpoint.id, method, tool, isFree });
  for (const fault of struck) {
    journal.fault(fault.kind);
    if (fault.kind === 'latency') await pause(fault.ms, world.closing);
  }
  const fault = struck.find((candidate) => candidate.kind !== 'latency');
  const session = request.headers['mcp-session-id'];
  const exchange: Exchange = {
    world,
    endpoint,
    request,
    reply,
    seen,
    message,
    fault,
    session: typeof session === 'string' ? session : undefined,
  };
  const id = message?.id ?? null;
  if (fault && strikesEarly(fault) && answerFault(fault, { world, endpoint, reply, id })) return;

  const identity = await admit(exchange);
  if (!identity) return;
  if (request.method === 'GET') return openStream(exchange);
  if (request.method === 'DELETE') return endSession(exchange);
  if (!isPost) return reply.sendHttp(405, '', { allow: 'GET, POST, DELETE' });
  if (!message)
    return reply.sendHttp(400, rpcError(null, -32700, 'Parse error: the body is not one JSON-RPC message.'));
  const refusal = handshakeRefusal(exchange);
  if (refusal) return reply.sendHttp(refusal.status, refusal.body);
  await dispatch(exchange, message, identity);
}

async function dispatch(exchange: Exchange, message: RpcMessage, identity: Identity): Promise<void> {
  const { world, endpoint, reply, fault } = exchange;
  const { method, id } = message;
  if (method === 'notifications/cancelled') {
    const wasRunning = world.sessions.cancel(exchange.session, message.params?.['requestId']);
    if (wasRunning) world.journal.cancelled();
  }
  if (method === undefined || id === undefined) return reply.sendHttp(202);
  if (method === 'tools/call') return callTool(exchange, message, id, identity);
  if (fault && answerFault(fault, { world, endpoint, reply, id })) return;
  switch (method) {
    case 'initialize':
      return initialize(exchange, message, id);
    case 'ping':
      return reply.send(rpcResult(id, {}));
    case 'tools/list':
      return reply.send(rpcResult(id, { tools: visibleTools(exchange).map((tool) => shownTool(tool, world)) }));
    default:
      return reply.send(rpcError(id, -32601, `Method '${method}' is not available.`));
  }
}

function initialize({ world, endpoint, reply }: Exchange, message: RpcMessage, id: JsonRpcId): void {
  const wanted = String(message.params?.['protocolVersion'] ?? '');
  const protocolVersion = endpoint.kind === 'unified' && VERSIONS.includes(wanted) ? wanted : VERSIONS[0];
  if (endpoint.kind === 'unified' && world.settings().sessions) {
    reply.setHeader('mcp-session-id', world.sessions.create());
    world.journal.session('created');
  }
  const capabilities = { tools: endpoint.kind === 'unified' ? { listChanged: true } : {} };
  reply.send(rpcResult(id, { protocolVersion, capabilities, serverInfo: endpoint.server.serverInfo }));
}

async function callTool(
  exchange: Exchange,
  message: RpcMessage,
  id: string | number,
  identity: Identity,
): Promise<void> {
  const { world, endpoint, reply, fault } = exchange;
  const parsed = callParams.safeParse(message.params ?? {});
  if (!parsed.success) return reply.send(rpcError(id, -32602, 'tools/call needs a name and arguments.'));
  const { name, arguments: args = {}, _meta } = parsed.data;
  const definition = visibleTools(exchange).find((candidate) => candidate.name === name);
  if (!definition) return reply.send(rpcError(id, -32602, `Unknown tool: '${name}'`));
  const problem = argumentProblem(definition.inputSchema, args);
  if (problem) return reply.send(rpcError(id, -32602, problem));

  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, world.closing]);
  const over = world.sessions.run(exchange.session, id, controller);
  const call = toolCall(exchange, { name, args, identity, signal, token: _meta?.progressToken });
  try {
    if (world.settings().latencyMs) await pause(world.settings().latencyMs, signal);
    if (!call) {
      const data = {
        error: {
          code: 'MailboxNotEnabledForRESTAPI',
          message: `There is no user ${identity.upn || identity.oid} in this tenant.`,
        },
      };
      return reply.send(rpcResult(id, { content: [{ type: 'text', text: JSON.stringify(data) }], isError: true }));
    }
    const scene: FaultScene = { world, endpoint, reply, id, call };
    if (fault && breaksOff(fault)) return reply.breakOff(rpcResult(id, await endpoint.server.call(call)));
    if (fault && runsFirst(fault)) await endpoint.server.call(call);
    if (fault && answerFault(fault, scene)) return;
    reply.send(rpcResult(id, await endpoint.server.call(call)));
  } catch (error) {
    if (!signal.aborted) throw error;
    reply.endWithoutResult();
  } finally {
    over();
  }
}

/** Undefined when the token's user does not exist in the simulated tenant. */
function toolCall(
  { world, endpoint, reply }: Exchange,
  options: {
    name: string;
    args: ToolArguments;
    identity: Identity;
    signal: AbortSignal;
    token: string | number | undefined;
  },
): ToolCall | undefined {
  const tenant = world.tenant();
  const { name, args, identity, signal, token } = options;
  const me = tenant.directory.find(identity.oid) ?? tenant.directory.find(identity.upn);
  if (!me) return undefined;
  return {
    name,
    args,
    tenant,
    me,
    signal,
    settings: world.settings(),
    requestId: randomUUID(),
    record: (effect) =>
      world.journal.effect({
        ...effect,
        at: new Date().toISOString(),
        user: me.mail,
        endpoint: endpoint.id,
        tool: name,
      }),
    progress:
      token === undefined
        ? undefined
        : (progress) =>
            reply.notify({
              jsonrpc: '2.0',
              method: 'notifications/progress',
              params: { progressToken: token, ...progress },
            }),
  };
}

function visibleTools({ world, endpoint }: Exchange): ToolDefinition[] {
  const { hiddenTools, extraTools } = world.settings();
  const extras: ToolDefinition[] = extraTools.map((extra) => ({
    ...extra,
    inputSchema: { type: 'object', properties: {}, required: [] },
    mutates: false,
  }));
  const all = endpoint.kind === 'unified' ? [...endpoint.server.definitions, ...extras] : endpoint.server.definitions;
  return all.filter((tool) => !hiddenTools.includes(tool.name));
}

function shownTool({ name, description, inputSchema, mutates }: ToolDefinition, world: World): object {
  const annotations = mutates
    ? { readOnlyHint: false, destructiveHint: /delete|update|cancel/i.test(name) }
    : { readOnlyHint: true };
  return { name, description, inputSchema, ...(world.settings().annotations ? { annotations } : {}) };
}

/** Checks the token and answers 401 or 403 itself; undefined then. */
async function admit({ world, endpoint, request, reply }: Exchange): Promise<Identity | undefined> {
  const verdict = await world.verify(request.headers.authorization, endpoint.grants);
  switch (verdict.outcome) {
    case 'ok':
      return verdict.identity;
    case 'missing-scope':
      reply.sendHttp(
        403,
        endpoint.kind === 'unified'
          ? `Required scopes = [${verdict.scope}]`
          : `Access denied: Scope '${verdict.scope}' is not present in the request.`,
      );
      return undefined;
    default: {
      const isForeign = verdict.outcome === 'wrong-audience' && endpoint.kind === 'catalogue';
      reply.sendHttp(401, '', {
        'www-authenticate': isForeign ? INVALID_AUDIENCE : challenge(world.origin, endpoint.path),
      });
      return undefined;
    }
  }
}

function handshakeRefusal({
  world,
  endpoint,
  request,
  session,
}: Exchange): { status: number; body: object } | undefined {
  const accept = request.headers.accept ?? '';
  const acceptsBoth =
    accept.includes('*/*') || (accept.includes('application/json') && accept.includes('text/event-stream'));
  if (!acceptsBoth) {
    const text = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    return { status: 406, body: rpcError(null, -32000, text) };
  }
  const version = request.headers['mcp-protocol-version'];
  if (version !== undefined && !VERSIONS.includes(String(version))) {
    return {
      status: 400,
      body: rpcError(null, -32000, `Bad Request: The MCP-Protocol-Version header value '${version}' is not supported.`),
    };
  }
  if (session !== undefined && !knowsSession(world, endpoint, session)) return { status: 404, body: SESSION_NOT_FOUND };
  return undefined;
}

function knowsSession(world: World, endpoint: Endpoint, session: string): boolean {
  return endpoint.kind === 'unified' && world.settings().sessions && world.sessions.has(session);
}

/** The stream for server notifications; the catalogue is stateless and has none. */
function openStream({ world, endpoint, request, reply, session }: Exchange): void {
  const wantsStream = request.headers.accept?.includes('text/event-stream') ?? false;
  if (endpoint.kind === 'catalogue' || !wantsStream) return reply.sendHttp(405, '', { allow: 'POST' });
  if (session !== undefined && !knowsSession(world, endpoint, session)) return reply.sendHttp(404, SESSION_NOT_FOUND);
  world.sessions.openStream(reply.response, session);
}

function endSession({ world, endpoint, reply, session }: Exchange): void {
  if (endpoint.kind === 'catalogue' || !world.settings().sessions) return reply.sendHttp(405, '', { allow: 'POST' });
  if (session === undefined || !world.sessions.end(session)) return reply.sendHttp(404, SESSION_NOT_FOUND);
  world.journal.session('ended');
  reply.sendHttp(200);
}

function parseMessage(body: string): RpcMessage | undefined {
  try {
    return rpcMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_REQUEST) throw new Error('The request is larger than 32 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
