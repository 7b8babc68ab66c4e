// tools/list and tools/call on the wire: which tools are shown, the check of arguments, faults, progress, cancellation.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Identity } from '../auth.ts';
import { argumentProblem, type ToolArguments, type ToolDefinition } from '../tools/tool.ts';
import { pause, type ToolCall } from '../tools/tool-call.ts';
import type { World } from './endpoint.ts';
import type { Exchange, RpcMessage } from './exchange.ts';
import { answerFault, breaksOff, runsFirst, type FaultScene } from './fault-answers.ts';
import { rpcError, rpcResult } from './framing.ts';

const callParams = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  _meta: z.object({ progressToken: z.union([z.string(), z.number()]).optional() }).optional(),
});

/** What tools/list answers. */
export function listTools(exchange: Exchange): object {
  return { tools: visibleTools(exchange).map((tool) => shownTool(tool, exchange.world)) };
}

export async function callTool(
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
