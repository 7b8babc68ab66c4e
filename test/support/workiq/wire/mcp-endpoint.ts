// Serves MCP over Streamable HTTP on one endpoint: handshake, tools, sessions, streams, cancellation. Hand-written, so
// that the services' quirks can be reproduced; knows no tool's work.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../auth.ts';
import { pause } from '../tools/tool-call.ts';
import { admit, handshakeRefusal, knowsSession } from './admission.ts';
import type { Endpoint, World } from './endpoint.ts';
import { parseMessage, VERSIONS, type Exchange, type RpcMessage } from './exchange.ts';
import { answerFault, SESSION_NOT_FOUND, strikesEarly } from './fault-answers.ts';
import { rpcError, rpcResult, type JsonRpcId } from './framing.ts';
import { Reply } from './reply.ts';
import { callTool, listTools } from './tool-calls.ts';

const LARGEST_REQUEST = 32 * 1_048_576;

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
      return reply.send(rpcResult(id, listTools(exchange)));
    default:
      return reply.send(rpcError(id, -32601, `Method '${method}' is not available.`));
  }
}

function initialize({ world, endpoint, request, reply }: Exchange, message: RpcMessage, id: JsonRpcId): void {
  const wanted = String(message.params?.['protocolVersion'] ?? '');
  const protocolVersion = endpoint.kind === 'unified' && VERSIONS.includes(wanted) ? wanted : VERSIONS[0];
  if (endpoint.kind === 'unified' && world.settings().sessions) {
    reply.setHeader('mcp-session-id', world.sessions.create(request.headers.authorization));
    world.journal.session('created');
  }
  const capabilities = { tools: endpoint.kind === 'unified' ? { listChanged: true } : {} };
  reply.send(rpcResult(id, { protocolVersion, capabilities, serverInfo: endpoint.server.serverInfo }));
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
