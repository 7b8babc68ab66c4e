// How each injected fault looks on the wire. Decides nothing about when; knows no tool's work.
import { randomUUID } from 'node:crypto';
import { challenge, claimsChallenge } from '../discovery.ts';
import type { Fault, FaultOf } from '../faults.ts';
import { failure, type ToolResult } from '../tools/tool.ts';
import type { ToolCall } from '../tools/tool-call.ts';
import type { Endpoint, World } from './endpoint.ts';
import { encode, rpcError, rpcResult, type JsonRpcId } from './framing.ts';
import type { Reply } from './reply.ts';

export type FaultScene = {
  world: World;
  endpoint: Endpoint;
  reply: Reply;
  id: JsonRpcId;
  /** Absent for anything but tools/call. */
  call?: ToolCall | undefined;
};

const NOT_ENTITLED =
  'The caller is not entitled to use this tool. Please check your billing policy and AI credit entitlement.';

export const SESSION_NOT_FOUND = { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } };

const TOOL_LEVEL = new Set<Fault['kind']>([
  'null-result',
  'broken-json',
  'rpc-error',
  'entitlement',
  'policy-path',
  'graph-error',
  'throttled-in-band',
  'busy',
  'timed-out',
  'tool-error',
  'huge-result',
]);

/** Whether the fault strikes before the token is looked at and before anything is run. */
export function strikesEarly(fault: Fault): boolean {
  return !TOOL_LEVEL.has(fault.kind) && !runsFirst(fault) && !breaksOff(fault);
}

/** Whether the tool runs, side effects included, before the fault takes its answer away. */
export function runsFirst(fault: Fault): boolean {
  return fault.executes || (fault.kind === 'drop' && fault.when === 'after');
}

export function breaksOff(fault: Fault): boolean {
  return fault.kind === 'drop' && fault.when === 'during';
}

/** Writes the fault's answer. False when the fault makes no sense for this request; then it goes on as usual. */
export function answerFault(fault: Fault, scene: FaultScene): boolean {
  const { world, endpoint, reply, id, call } = scene;
  switch (fault.kind) {
    case 'latency':
      return false;
    case 'unauthorized': {
      const header = fault.claims ? claimsChallenge(fault.claims) : challenge(world.origin, endpoint.path);
      reply.sendHttp(401, '', { 'www-authenticate': header });
      return true;
    }
    case 'forbidden':
      forbid(fault, scene);
      return true;
    case 'session-lost':
      reply.sendHttp(404, SESSION_NOT_FOUND);
      return true;
    case 'throttled':
      reply.sendHttp(429, { error: { code: 'TooManyRequests', message: 'Too many requests' } }, retryAfter(fault));
      return true;
    case 'server-error': {
      const page = `<html><head><title>${fault.status}</title></head><body><h1>Our services aren't available right now</h1></body></html>`;
      reply.sendHttp(fault.status, page, { 'content-type': 'text/html' });
      return true;
    }
    case 'http':
      reply.sendHttp(fault.status, fault.body, fault.headers);
      return true;
    case 'issuer-mismatch':
      reply.sendHttp(400, { error: { code: 'AuthenticationError', message: 'Error authenticating with resource' } });
      return true;
    case 'redirect':
      reply.sendHttp(fault.status, '', { location: fault.location ?? world.foreignUrl });
      return true;
    case 'drop':
      reply.response.destroy();
      return true;
    case 'hang':
      return true;
    case 'null-result':
      reply.send(rpcResult(id, null));
      return true;
    case 'broken-json':
      reply.sendRaw(encode(rpcResult(id, { content: [], isError: false }), 'plain').slice(0, -9));
      return true;
    case 'rpc-error':
      reply.send(rpcError(id, fault.code, fault.message, fault.data));
      return true;
    default: {
      if (!call) return false;
      reply.send(rpcResult(id, faultyResult(fault, endpoint, call)));
      return true;
    }
  }
}

type ResultFault = Exclude<
  Fault,
  {
    kind:
      | 'latency'
      | 'unauthorized'
      | 'forbidden'
      | 'session-lost'
      | 'throttled'
      | 'server-error'
      | 'http'
      | 'issuer-mismatch'
      | 'redirect'
      | 'drop'
      | 'hang'
      | 'null-result'
      | 'broken-json'
      | 'rpc-error';
  }
>;

function faultyResult(fault: ResultFault, endpoint: Endpoint, call: ToolCall): ToolResult {
  switch (fault.kind) {
    case 'entitlement':
      return failure(NOT_ENTITLED, { requestId: randomUUID() });
    case 'policy-path':
      return failure(`Access denied for path: ${targetPath(call)}`);
    case 'graph-error':
      return endpoint.server.graphFailure(call, fault.status, { error: { code: fault.code, message: fault.message } });
    case 'throttled-in-band': {
      const error = { code: 'TooManyRequests', message: 'Too many requests' };
      if (fault.form === 'tool-error') return failure(JSON.stringify({ error, retryAfterSeconds: fault.seconds }));
      return endpoint.server.graphFailure(call, 429, { error: { ...error, retryAfterSeconds: fault.seconds } });
    }
    case 'busy':
      return failure(
        JSON.stringify({ error: 'busy', message: 'The service is busy.', retryAfterSeconds: fault.retryAfterSeconds }),
      );
    case 'timed-out':
      return failure('The request timed out.');
    case 'tool-error':
      return failure(fault.text);
    case 'huge-result':
      return hugeResult(fault.bytes, endpoint, call);
  }
}

/** The given number of bytes of text where the tool would put its data. */
function hugeResult(bytes: number, endpoint: Endpoint, call: ToolCall): ToolResult {
  const padding = 'Lorem ipsum dolor sit amet. '.repeat(Math.ceil(bytes / 28)).slice(0, bytes);
  if (endpoint.kind === 'catalogue' || ['ask', 'list_agents', 'get_schema'].includes(call.name)) {
    return { content: [{ type: 'text', text: padding }], isError: false };
  }
  const data = { value: [{ id: 'huge', body: { contentType: 'text', content: padding } }] };
  const structuredContent =
    call.name === 'fetch' ? { results: [{ data, statusCode: 200 }] } : { statusCode: 200, data };
  return { content: [], structuredContent, isError: false };
}

function forbid(fault: FaultOf<'forbidden'>, { reply, endpoint }: FaultScene): void {
  const scope = endpoint.grants[0]?.scope ?? '';
  switch (fault.form) {
    case 'missing-scope':
      return reply.sendHttp(403, `Access denied: Scope '${scope}' is not present in the request.`);
    case 'no-policy':
      return reply.sendHttp(403, {
        error: 'NoPolicy',
        message: 'AI credits access is not configured for this user. Ask your administrator.',
      });
    case 'required-scopes':
      return reply.sendHttp(403, `Required scopes = [${scope}]`);
    case 'bare':
      return reply.sendHttp(403);
  }
}

function retryAfter(fault: FaultOf<'throttled'>): Record<string, string> {
  if (fault.as === 'none') return {};
  const date = new Date(Date.now() + fault.seconds * 1000).toUTCString();
  return { 'retry-after': fault.as === 'date' ? date : String(fault.seconds) };
}

function targetPath(call: ToolCall): string {
  const { entityUrls, parentUrl, entityUrl, actionUrl, functionUrl, path } = call.args;
  const target =
    (Array.isArray(entityUrls) ? entityUrls[0] : undefined) ??
    parentUrl ??
    entityUrl ??
    actionUrl ??
    functionUrl ??
    path;
  return String(target ?? '/').split('?')[0] ?? '/';
}
