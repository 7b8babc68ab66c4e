// What the catalogue's servers share: running a handler by name over the simulated Graph and showing its failure.
import { graph, type Operation } from '../graph/graph.ts';
import type { Entity } from '../graph/filter.ts';
import { asFailure, asText } from './catalogue-answer.ts';
import type { ToolDefinition, ToolResult } from './tool.ts';
import type { ToolCall, ToolServer } from './tool-call.ts';

/** Runs a Graph request and returns its data; a failure leaves the handler as a `CatalogueFailure`. */
export type RunGraph = (operation: Operation, url: string, body?: Entity) => Entity;

export type CatalogueHandler = (call: ToolCall, run: RunGraph) => ToolResult | Promise<ToolResult>;

export class CatalogueFailure extends Error {
  readonly data: unknown;

  constructor(data: unknown) {
    super('The catalogue tool failed.');
    this.name = 'CatalogueFailure';
    this.data = data;
  }
}

export function createCatalogueServer(options: {
  name: string;
  definitions: readonly ToolDefinition[];
  handlers: Record<string, CatalogueHandler>;
}): ToolServer {
  return {
    serverInfo: { name: options.name, version: '1.0.0.0' },
    definitions: options.definitions,
    freeTools: new Set(),
    graphFailure: (call, _status, data) => asFailure(call, data),
    call: async (call) => {
      const handler = options.handlers[call.name];
      if (!handler) return asFailure(call, `The tool '${call.name}' is not available for this user.`);
      try {
        return await handler(call, (operation, url, body) => runGraph(call, operation, url, body));
      } catch (error) {
        if (error instanceof CatalogueFailure) return asFailure(call, error.data);
        throw error;
      }
    },
  };
}

/** Copilot's answer as the plain-language tools of the catalogue wrap it. */
export function conversationAnswer(
  call: ToolCall,
  answer: { conversationId: string; question: string; response: string; citations: { title: string; url: string }[] },
): ToolResult {
  const attributions = answer.citations.map((citation) => ({
    attributionType: 'citation',
    providerDisplayName: citation.title,
    seeMoreWebUrl: citation.url,
  }));
  const type = '#microsoft.graph.copilotConversationResponseMessage';
  const rawResponse = JSON.stringify({
    '@odata.type': '#microsoft.graph.copilotConversation',
    id: answer.conversationId,
    state: 'active',
    turnCount: 1,
    messages: [
      { '@odata.type': type, id: 'm0', text: answer.question, attributions: [] },
      { '@odata.type': type, id: 'm1', text: answer.response, attributions },
    ],
  });
  return asText(call, { conversationId: answer.conversationId, reply: answer.response, rawResponse });
}

function runGraph(call: ToolCall, operation: Operation, url: string, body?: Entity): Entity {
  const { tenant, me, record } = call;
  const answer = graph({ tenant, me, operation, url, record, ...(body ? { body } : {}) });
  if (answer.status >= 400) throw new CatalogueFailure(answer.data);
  return (answer.data ?? {}) as Entity;
}
