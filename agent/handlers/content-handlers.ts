// Serves the lists of resources and prompts, and reads one of them: with its audit line, as a call of a tool.
import type { Clock } from '../../shared/clock.ts';
import type { RequestOf } from '../../shared/contract/contract.ts';
import { startDeadline } from '../../shared/deadline.ts';
import type { PromptServer } from '../../shared/contract/prompt-messages.ts';
import type { ResourceServer } from '../../shared/contract/resource-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { ServerConnection } from '../bridge/server-connection.ts';
import type { ContentLists, ServerContent } from '../bridge/server-content.ts';
import type { Handlers } from '../bus.ts';
import type { RequestContext } from '../bus/answer-request.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { payerOf } from './payer-of.ts';

export interface ContentHandlersOptions {
  bridge: Pick<Bridge, 'connection' | 'connections' | 'list' | 'read'>;
  audit: AuditLog;
  clock: Clock;
  /** Ends what still runs. */
  stopping: AbortSignal;
}

/** Milliseconds that one server may take for its list; a server that hangs must not hold up the others. */
const listTimeoutMs = 6_000;

type ResourceLists = Pick<ResourceServer, 'resources' | 'templates'>;
type PromptLists = Pick<PromptServer, 'prompts'>;
type ContentRequest = 'resourceList' | 'resourceRead' | 'promptList' | 'promptGet';

export function createContentHandlers(options: ContentHandlersOptions): Pick<Handlers, ContentRequest> {
  return {
    resourceList: async ({ server }) => ({
      servers: await listEach<ResourceLists>(options, server, {
        what: 'resources',
        list: (content, signal) => content.listResources(signal),
        none: { resources: [], templates: [] },
      }),
    }),
    promptList: async ({ server }) => ({
      servers: await listEach<PromptLists>(options, server, {
        what: 'prompts',
        list: (content, signal) => content.listPrompts(signal),
        none: { prompts: [] },
      }),
    }),
    async resourceRead(request, context) {
      const { server, uri } = request;
      const what = `resource "${plainLine(uri, 200)}"`;
      const read = (content: ServerContent, signal: AbortSignal) => content.readResource(uri, signal);
      const { value, durationMs } = await readOne(options, {
        request,
        context,
        what,
        tool: 'resources/read',
        guarded: { uri },
        read,
      });
      return { server, uri, durationMs, contents: value };
    },
    async promptGet(request, context) {
      const { server, name } = request;
      const what = `prompt "${plainLine(name, 200)}"`;
      const prompt = { name, arguments: request.arguments };
      const read = (content: ServerContent, signal: AbortSignal) => content.getPrompt(prompt, signal);
      const { value, durationMs } = await readOne(options, {
        request,
        context,
        what,
        tool: 'prompts/get',
        guarded: prompt,
        read,
      });
      return { server, name, durationMs, ...value };
    },
  };
}

interface Listing<Lists extends object> {
  what: string;
  list: (content: ServerContent, signal: AbortSignal) => Promise<ContentLists<Lists>>;
  none: Lists;
}

type Listed<Lists extends object> = Lists & { name: string; truncated?: true; error?: WireError };

async function listEach<Lists extends object>(
  { bridge, stopping }: ContentHandlersOptions,
  name: string | undefined,
  listing: Listing<Lists>,
): Promise<Listed<Lists>[]> {
  const unusable = bridge
    .list(name)
    .filter(({ state }) => state === 'invalid')
    .map(({ name: server, error }) => ({ name: server, ...listing.none, ...(error && { error: error as WireError }) }));
  // A name that nobody has is an error; one of an invalid entry is listed with its problem.
  const servers =
    name !== undefined && unusable.length > 0
      ? []
      : name === undefined
        ? bridge.connections()
        : [bridge.connection(name)];
  const listed = await Promise.all(servers.map((server) => listOne(server, listing, stopping)));
  return [...listed, ...unusable].sort((left, right) => left.name.localeCompare(right.name));
}

async function listOne<Lists extends object>(
  server: ServerConnection,
  { what, list, none }: Listing<Lists>,
  stopping: AbortSignal,
): Promise<Listed<Lists>> {
  const message = `The list of ${what} of "${server.name}" did not come within ${listTimeoutMs} ms.`;
  const late = (): RockBotError => new RockBotError({ code: 'timeout', message, action: 'Try again.' });
  using deadline = startDeadline(listTimeoutMs, { reason: late, signal: stopping });
  try {
    const { lists, truncated } = await server.read((content) => list(content, deadline.signal), what, deadline.signal);
    return { name: server.name, ...lists, ...(truncated && { truncated }) };
  } catch (error) {
    return { name: server.name, ...none, error: toWireError(error) };
  }
}

interface Reading<Value> {
  request: RequestOf<'resourceRead'> | RequestOf<'promptGet'>;
  context: RequestContext;
  /** For messages, for example `resource "file:///x"`. */
  what: string;
  /** For the audit log, and the name that guards know it by. */
  tool: string;
  /** What guards judge. */
  guarded: Record<string, unknown>;
  read: (content: ServerContent, signal: AbortSignal) => Promise<Value>;
}

async function readOne<Value>(
  { bridge, audit, clock, stopping }: ContentHandlersOptions,
  { request, context, what, tool, guarded, read }: Reading<Value>,
): Promise<{ value: Value; durationMs: number }> {
  const { server: name, timeoutMs } = request;
  const startedAt = clock.now();
  const account = (outcome: string): number => {
    const durationMs = clock.now() - startedAt;
    audit.record({
      at: new Date(startedAt).toISOString(),
      callId: crypto.randomUUID(),
      caller: context.source,
      inbox: context.inbox,
      correlationId: context.correlationId,
      server: name,
      tool,
      outcome,
      durationMs,
    });
    return durationMs;
  };
  try {
    const caller = payerOf(context);
    const value = await bridge.read({ server: name, timeoutMs, caller, what, tool, guarded, read, signal: stopping });
    return { value, durationMs: account('ok') };
  } catch (error) {
    account(toWireError(error).code);
    throw error;
  }
}
