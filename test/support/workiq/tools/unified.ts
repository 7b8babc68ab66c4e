// The single endpoint's eleven tools over the simulated Graph, with its policy. Knows no HTTP and no framing.
import { randomUUID } from 'node:crypto';
import { graph, knownPaths, type Operation } from '../graph/graph.ts';
import type { Entity } from '../graph/filter.ts';
import type { GraphAnswer } from '../graph/graph-call.ts';
import { ianaZone } from '../tenant/zones.ts';
import { findBlob } from './blobs.ts';
import { answerQuestion } from './copilot.ts';
import { schemaText } from './graph-schemas.ts';
import { BLOB_LIMIT_BYTES, policyRefusal } from './policy.ts';
import { failure, textOf, textsOf, type ToolResult } from './tool.ts';
import { think, type ToolCall, type ToolServer } from './tool-call.ts';
import { UNIFIED_TOOLS } from './unified-definitions.ts';

const AGENTS = [
  { agentId: 'copilot', name: 'Microsoft 365 Copilot', provider: 'Microsoft' },
  { agentId: 'researcher', name: 'Researcher', provider: 'Microsoft' },
  { agentId: 'contoso-hr', name: 'Contoso HR', provider: 'Contoso' },
];

export function createUnifiedServer(): ToolServer {
  const conversations = new Set<string>();
  return {
    serverInfo: { name: 'WorkIQ.MCP.Server', version: '1.0.165.0' },
    definitions: UNIFIED_TOOLS,
    freeTools: new Set(['search_paths', 'get_schema', 'list_agents']),
    graphFailure: (call, status, data) => {
      if (call.name !== 'fetch') return structured({ statusCode: status, data });
      return structured({
        results: (textsOf(call.args, 'entityUrls') ?? ['']).map(() => ({ data, statusCode: status })),
      });
    },
    call: async (call) => {
      switch (call.name) {
        case 'fetch':
          return fetchEntities(call);
        case 'fetch_blob':
          return fetchBlob(call);
        case 'create_entity':
          return change(call, 'create', 'parentUrl');
        case 'update_entity':
          return change(call, 'update', 'entityUrl');
        case 'delete_entity':
          return change(call, 'delete', 'entityUrl');
        case 'do_action':
          return change(call, 'action', 'actionUrl');
        case 'call_function':
          return callFunction(call);
        case 'ask':
          return ask(call, conversations);
        case 'list_agents':
          return json(AGENTS);
        case 'get_schema':
          return getSchema(call);
        case 'search_paths':
          return searchPaths(call);
        default:
          return json(call.args);
      }
    },
  };
}

function fetchEntities(call: ToolCall): ToolResult {
  const urls = textsOf(call.args, 'entityUrls') ?? [];
  if (!urls.length) return failure('entityUrls must not be empty.');
  const refusals = urls.map((url) => refusal(call, url, false));
  if (refusals.every((text) => text !== undefined)) return failure(refusals[0] ?? '');
  const results = urls.map((url, index) => {
    const denied = refusals[index];
    if (denied) return { data: { error: { code: 'AccessDenied', message: denied } }, statusCode: 403 };
    const { status, data } = run(call, 'fetch', url);
    return { data, statusCode: status };
  });
  return structured({ results });
}

function fetchBlob(call: ToolCall): ToolResult {
  const path = textOf(call.args, 'path') ?? '';
  const denied = refusal(call, path, false);
  if (denied) return failure(denied);
  const blob = findBlob(call, path, textOf(call.args, 'format'));
  if (!blob)
    return structured({ statusCode: 404, error: 'The resource could not be found.', requestId: call.requestId });
  if (blob.bytes.length > BLOB_LIMIT_BYTES) {
    return failure(`File size exceeds the configured limit of ${BLOB_LIMIT_BYTES} bytes.`);
  }
  return structured({
    statusCode: 200,
    contentType: blob.contentType,
    blobName: blob.name,
    sizeBytes: blob.bytes.length,
    base64Content: blob.bytes.toString('base64'),
  });
}

function change(call: ToolCall, operation: Operation, urlArgument: string): ToolResult {
  const url = textOf(call.args, urlArgument) ?? '';
  const denied = refusal(call, url, true);
  if (denied) return failure(denied);
  const body = readJsonBody(call.args['jsonBody']);
  if (!body) return failure('jsonBody is not a JSON object.');
  const headers = (call.args['headers'] ?? {}) as Record<string, unknown>;
  const ifMatch = Object.entries(headers).find(([name]) => name.toLowerCase() === 'if-match')?.[1];
  const { status, data } = run(call, operation, url, body, typeof ifMatch === 'string' ? ifMatch : undefined);
  return structured({ statusCode: status, ...(data === undefined ? {} : { data }) });
}

function callFunction(call: ToolCall): ToolResult {
  const url = textOf(call.args, 'functionUrl') ?? '';
  const denied = refusal(call, url, false);
  if (denied) return failure(denied);
  const { status, data } = run(call, 'function', url);
  return structured({ statusCode: status, data });
}

async function ask(call: ToolCall, conversations: Set<string>): Promise<ToolResult> {
  const text = textOf(call.args, 'question')?.trim() ?? '';
  if (!text) return failure('question must not be empty.');
  const agentId = textOf(call.args, 'agentId');
  if (agentId && !AGENTS.some((agent) => agent.agentId === agentId)) return failure(`Agent not found: ${agentId}`);
  const zone = ianaZone(textOf(call.args, 'timeZone') ?? 'UTC');
  if (!zone) return failure(`'${textOf(call.args, 'timeZone')}' is not an IANA time zone.`);
  const continued = textOf(call.args, 'conversationId');
  if (continued && !conversations.has(continued)) return failure(`Conversation not found: ${continued}`);
  await think(call);
  const conversationId = continued ?? randomUUID().replaceAll('-', '');
  conversations.add(conversationId);
  const { response } = answerQuestion({ tenant: call.tenant, me: call.me, text, zone });
  return json({ response, conversationId });
}

function getSchema(call: ToolCall): ToolResult {
  const path = (textOf(call.args, 'path') ?? '').replace(/^\//, '');
  const operation = textOf(call.args, 'operationType') ?? '';
  const schema = schemaText(path, operation, textOf(call.args, 'format') ?? 'jsonschema');
  return schema
    ? { content: [{ type: 'text', text: schema }], isError: false }
    : failure(`No '${operation}' operation for path: ${path}`);
}

function searchPaths(call: ToolCall): ToolResult {
  const filter = textOf(call.args, 'filter') ?? '';
  if (!filter.trim()) return failure('filter must not be empty.');
  let pattern: RegExp;
  try {
    pattern = new RegExp(filter, 'i');
  } catch {
    return failure(`'${filter}' is not a regular expression.`);
  }
  return structured({ paths: knownPaths().filter(({ path }) => pattern.test(path)) });
}

function run(call: ToolCall, operation: Operation, url: string, body?: Entity, ifMatch?: string): GraphAnswer {
  const { tenant, me, record } = call;
  return graph({ tenant, me, operation, url, record, ifMatch, ...(body ? { body } : {}) });
}

function refusal(call: ToolCall, url: string, writes: boolean): string | undefined {
  const { mutations, blocksSkip } = call.settings;
  return policyRefusal(url, { writes, mutations, blocksSkip });
}

/** A JSON-encoded string or an object; nothing counts as an empty object. */
function readJsonBody(value: unknown): Entity | undefined {
  if (value === undefined || value === null || value === '') return {};
  let parsed: unknown = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Entity) : undefined;
}

function structured(structuredContent: unknown): ToolResult {
  return { content: [], structuredContent, isError: false };
}

function json(value: unknown): ToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], isError: false };
}
