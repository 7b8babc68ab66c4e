// One call of a tool from its lookup to its result: filters, guards, schema, budget, turn, sending, sending again. It knows no bus
// and no connection.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Clock } from '../../shared/clock.ts';
import type { ListedTool, PartFailure } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Logger } from '../logger.ts';
import type { CallBudget } from './call-budget.ts';
import { callError, unsentError } from './call-outcome.ts';
import type { CallFacts } from './call-facts.ts';
import type { ResultBytes } from './call-result.ts';
import type { ToolCall } from './http-tool-call.ts';
import { deniedTool, unknownTool } from './lookup-errors.ts';
import { maskStrings } from './mask-strings.ts';
import { plainProgress, type Progress } from './plain-progress.ts';
import { checkResult } from './result-error.ts';
import { retryDelay } from './retry-delay.ts';
import type { SchemaProblem } from './schema-checks.ts';
import type { ServerConnection } from './server-connection.ts';
import type { CallGuards } from './server-guards.ts';
import { filterReason } from './tool-catalog.ts';

export interface CallRequest extends Pick<ToolCall, 'observer' | 'onProgress'> {
  callId: string;
  /** Who pays for it out of a budget per caller. */
  caller: string;
  /** The caller as it names itself, for whoever is asked about the call. */
  source?: string | undefined;
  tool: string;
  arguments: Record<string, unknown>;
  /** JSON text of `arguments` as it came, when it may be passed on as it is. */
  argumentsJson?: Uint8Array | undefined;
  /** Beside those of the server and its profile. */
  guards?: CallGuards | undefined;
}

export interface CompletedCall {
  server: string;
  tool: string;
  json: ResultBytes;
  /** Parts of the result that failed beside others that did not. */
  failures: PartFailure[];
  /** Where structured content is not as the tool's output schema says. */
  outputProblems: string[];
}

export interface RunCallOptions {
  server: ServerConnection;
  budget: CallBudget;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** Milliseconds since the epoch at which the signal aborts. */
  deadline: number;
}

/** Structured content up to this many bytes is checked against its schema. */
const checkedOutputBytes = 256 * 1024;

/** Throws RockBotError; the error of a result with `isError` carries that result. */
export async function runCall(request: CallRequest, options: RunCallOptions): Promise<CompletedCall> {
  const { server, signal } = options;
  const { observer } = request;
  observer?.found(server.name);
  const tool = await findTool(request.tool, options);
  const facts = { server: server.name, tool: tool.name, sideEffects: tool.sideEffects, isWorkIq: server.isWorkIq };
  server.guard(tool, request.arguments, request.guards);
  await checkArguments(request, tool, server);
  for (let attempt = 1; ; attempt++) {
    let hasTurn = false;
    const task = (): Promise<CompletedCall | RockBotError> => {
      hasTurn = true;
      return send(request, tool, { facts, attempt, ...options }).catch((error: unknown) => unsentError(error, facts));
    };
    // What goes wrong while waiting for the turn was not sent: it is thrown from here.
    const turn = server.queue.run(task, signal).catch((error: unknown) => {
      throw unsentError(error, facts);
    });
    if (!hasTurn) observer?.queued(server.queue);
    const outcome = await turn;
    if (!(outcome instanceof RockBotError)) return outcome;
    const leftMs = options.deadline - options.clock.now();
    const delay = retryDelay(outcome, { sideEffects: tool.sideEffects, attempt, leftMs });
    if (delay === undefined) throw outcome;
    await options.clock.sleep(delay, signal);
    observer?.retried(outcome.code === 'throttled' ? 'throttled' : 'server_unavailable');
  }
}

async function findTool(name: string, { server, signal }: RunCallOptions): Promise<ListedTool> {
  // Asked of the entry and not of the list of tools: it holds while the server is not connected, too.
  const denied = filterReason(name, server.entry);
  if (denied !== undefined) throw deniedTool(server.name, name, denied.reason);
  let found: ListedTool | undefined;
  try {
    await server.ready(signal);
    found = listedTool(server, name);
    // It may be new on the server.
    if (found === undefined) await server.lookAgain(signal);
    found ??= listedTool(server, name);
  } catch (error) {
    // What is not known to be a read may write.
    const sideEffects = server.catalog.tools.get(name)?.sideEffects ?? 'write';
    throw unsentError(error, { server: server.name, tool: name, sideEffects });
  }
  if (found === undefined) throw unknownTool(server.name, name, [...server.catalog.tools.keys()]);
  return found;
}

/** With those that guards hide: the guard says why. */
function listedTool({ catalog }: ServerConnection, name: string): ListedTool | undefined {
  return catalog.tools.get(name) ?? catalog.guarded.get(name);
}

async function checkArguments(
  request: CallRequest,
  tool: ListedTool,
  { name, entry }: ServerConnection,
): Promise<void> {
  if (!entry.checkArguments) return;
  const { schemaProblems } = await import('./schema-checks.ts');
  const problems = schemaProblems(request.arguments, tool.inputSchema).map(({ text }) => text);
  if (problems.length === 0) return;
  throw new RockBotError({
    code: 'invalid_arguments',
    message: `The arguments of "${tool.name}" of "${name}" do not fit its schema. ${problems.join(' ')}`,
    action: 'Correct them; inputSchema says what the tool takes. The call was not sent.',
    problems,
    inputSchema: tool.inputSchema,
  });
}

interface Sending extends RunCallOptions {
  facts: CallFacts;
  /** From 1. */
  attempt: number;
}

async function send(request: CallRequest, tool: ListedTool, options: Sending): Promise<CompletedCall> {
  const { server, budget, facts, attempt, signal } = options;
  const { arguments: args, caller, observer, onProgress } = request;
  // What guards have judged is sent: in the bytes a name may stand twice, and a server may read the other one.
  const isGuarded = server.isGuarded || request.guards !== undefined;
  const argumentsJson = (isGuarded ? undefined : request.argumentsJson) ?? JSON.stringify(args);
  if (attempt === 1) budget.charge(server.name, caller, server.entry.limits ?? {});
  try {
    const origin = { callId: request.callId, caller: request.source, deadline: options.deadline };
    const mask = (text: string): string => server.mask(text);
    const tell = (progress: Progress): void => onProgress?.(plainProgress(progress, mask));
    const told = onProgress && tell;
    const call = { tool: tool.name, arguments: args, argumentsJson, observer, signal, onProgress: told, origin };
    const { json, parsed } = await server.call(call, tool.sideEffects);
    const failures = checkResult(parsed, facts).map(({ index, error }) => ({
      index,
      error: maskStrings(error, mask) as PartFailure['error'],
    }));
    const outputProblems = await checkOutput(parsed, tool, json.to - json.from);
    if (outputProblems.length > 0)
      // Only what the schema names: the rest is data of the person.
      (observer?.logger ?? options.logger).warn('A result is not as the output schema of its tool says.', {
        callId: request.callId,
        server: server.name,
        tool: tool.name,
        problems: outputProblems.length,
        places: outputProblems.map(({ place }) => mask(place)),
      });
    return {
      server: server.name,
      tool: tool.name,
      json,
      failures,
      outputProblems: outputProblems.map(({ text }) => mask(text)),
    };
  } catch (error) {
    throw withSchema(server.withoutVariables(callError(error, facts)), tool);
  }
}

async function checkOutput(
  result: CallToolResult | undefined,
  { outputSchema }: ListedTool,
  bytes: number,
): Promise<SchemaProblem[]> {
  if (outputSchema === undefined || result === undefined || bytes > checkedOutputBytes) return [];
  if (result.structuredContent === undefined)
    return [{ text: 'The tool promises structured content and sent none.', place: '' }];
  const { schemaProblems } = await import('./schema-checks.ts');
  return schemaProblems(result.structuredContent, outputSchema);
}

/** Whoever refuses the arguments: the schema says what the tool takes. */
function withSchema(error: RockBotError, { inputSchema }: ListedTool): RockBotError {
  return error.code === 'invalid_arguments' && error.inputSchema === undefined ? error.with({ inputSchema }) : error;
}
