// An MCP server made with the SDK that has more than tools: resources, templates, prompts, a log, progress, and questions to
// the person behind the client. It knows no transport itself.
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  type ServerNotification,
  type ServerRequest,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { z } from 'zod';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export interface FullServer {
  server: Server;
  /** Answers of the client to the server's questions, as they came. */
  answers: unknown[];
  /** Level that the client asked for. */
  level: () => string | undefined;
  /** Calls that the client cancelled. */
  cancelled: () => number;
}

const properties = {
  city: { type: 'string', title: 'City', minLength: 2 },
  units: { type: 'string', enum: ['metric', 'imperial'], enumNames: ['Metric', 'Imperial'] },
};
const forms = {
  city: {
    message: 'Which city is it about?',
    requestedSchema: { type: 'object', properties, required: ['city'] },
  },
  password: {
    message: 'Please sign in.',
    requestedSchema: { type: 'object', properties: { password: { type: 'string' } }, required: ['password'] },
  },
};

const tool = (name: string, readOnlyHint = true): Tool => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint },
});

/**
 * `ask` asks for a city, `ask_password` for a password, `ask_twice` two cities one after the other, `ask_together` six at a
 * time, `ask_for_ever` until it is cancelled; `ask_with` sends `params` as they are, `ask_aside` asks outside of the call's own
 * stream. `log` logs `messages`. `wait` tells progress and takes `ms`.
 */
const tools = [
  tool('ask'),
  tool('ask_password'),
  tool('ask_twice'),
  tool('ask_together'),
  tool('ask_for_ever'),
  tool('ask_with'),
  tool('ask_aside'),
  tool('log'),
  tool('wait'),
  tool('change', false),
];

export function createFullServer(): FullServer {
  const capabilities = { tools: {}, resources: {}, prompts: {}, logging: {} };
  const server = new Server({ name: 'full', version: '2.0.0' }, { capabilities });
  const answers: unknown[] = [];
  let level: string | undefined;
  let cancelled = 0;

  async function ask(extra: Extra | undefined, params: unknown, signal?: AbortSignal): Promise<unknown> {
    const request = { method: 'elicitation/create', params } as ServerRequest;
    const options = { timeout: 120_000, ...(signal !== undefined && { signal }) };
    const asked =
      extra === undefined
        ? server.request(request, z.looseObject({}), options)
        : extra.sendRequest(request, z.looseObject({}), options);
    const answer = await asked.catch((error: unknown) => {
      if (error instanceof McpError) return { error: error.code };
      throw error;
    });
    answers.push(answer);
    return answer;
  }

  async function run(name: string, args: Record<string, unknown>, extra: Extra): Promise<unknown> {
    switch (name) {
      case 'ask':
        return ask(extra, forms.city);
      case 'ask_password':
        return ask(extra, forms.password);
      case 'ask_twice':
        return [await ask(extra, forms.city), await ask(extra, { ...forms.city, message: 'And another one?' })];
      case 'ask_together':
        return Promise.all(Array.from({ length: 6 }, () => ask(extra, forms.city)));
      case 'ask_for_ever':
        for (let asked = 0; asked < 10_000 && !extra.signal.aborted; asked++) await ask(extra, forms.city);
        return 'never';
      case 'ask_with':
        return ask(extra, args['params']);
      case 'ask_aside':
        return ask(undefined, forms.city);
      case 'log':
        for (const params of z.array(z.record(z.string(), z.unknown())).parse(args['messages']))
          await extra.sendNotification({ method: 'notifications/message', params } as unknown as ServerNotification);
        return 'logged';
      case 'wait':
        await progress(extra);
        await delay(z.number().parse(args['ms']), undefined, { signal: extra.signal });
        return 'waited';
      default:
        return args;
    }
  }

  async function progress({ _meta, sendNotification }: Extra): Promise<void> {
    const progressToken = _meta?.progressToken;
    if (progressToken === undefined) return;
    for (const done of [1, 2]) {
      const params = { progressToken, progress: done, total: 2, message: `step ${done}` };
      await sendNotification({ method: 'notifications/progress', params });
    }
  }

  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    ({ level } = params);
    return {};
  });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    extra.signal.addEventListener('abort', () => (cancelled += 1));
    const told = await run(params.name, params.arguments ?? {}, extra);
    return { content: [{ type: 'text', text: JSON.stringify(told) }] };
  });
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }) =>
    params?.cursor === undefined
      ? {
          resources: [{ uri: 'sample://notes/1', name: 'note', title: 'First note', mimeType: 'text/plain' }],
          nextCursor: 'more',
        }
      : { resources: [{ uri: 'sample://pictures/dot', name: 'dot', mimeType: 'image/png', size: 4 }] },
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [
      { uriTemplate: 'sample://large/{bytes}', name: 'large', description: 'As many bytes as you like' },
    ],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, { signal }) => readResource(uri, signal));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: [{ name: 'summary', description: 'A summary of a day', arguments: [{ name: 'day', required: true }] }],
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    if (params.name !== 'summary') throw new McpError(-32602, `Prompt ${params.name} not found`);
    if (params.arguments?.['day'] === undefined) throw new McpError(-32602, 'Missing argument day');
    const text = `Summarise ${params.arguments['day']}.`;
    return { description: 'A summary', messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  return { server, answers, level: () => level, cancelled: () => cancelled };
}

async function readResource(uri: string, signal: AbortSignal) {
  const { host, pathname } = new URL(uri);
  if (host === 'notes')
    return { contents: [{ uri, mimeType: 'text/plain', text: `Note ${pathname.slice(1)}: grüße` }] };
  if (host === 'pictures') return { contents: [{ uri, mimeType: 'image/png', blob: 'iVBORw==' }] };
  if (host === 'large') return { contents: [{ uri, text: 'x'.repeat(Number(pathname.slice(1))) }] };
  if (host === 'slow') await delay(Number(pathname.slice(1)), undefined, { signal });
  throw new McpError(-32002, `Resource ${uri} not found`, { uri });
}
