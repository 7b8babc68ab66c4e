// One call of a tool from its lookup to its result: filters, guards, schema, budget, turn, sending, sending again. It knows no bus
// and no connection.
import type { Clock } from '../../shared/clock.ts';
import type { ListedTool, PartFailure } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Logger } from '../logger.ts';
import type { AnswerMemory } from './answer-memory.ts';
import type { CallBudget } from './call-budget.ts';
import { callError, unsentError } from './call-outcome.ts';
import type { CallFacts } from './call-facts.ts';
import { CallProgress } from './call-progress.ts';
import type { ResultBytes } from './call-result.ts';
import { checkArguments, checkOutput, withSchema } from './call-schemas.ts';
import type { ToolCall } from './http-tool-call.ts';
import { deniedTool, unknownTool } from './lookup-errors.ts';
import { maskStrings } from './mask-strings.ts';
import { checkResult } from './result-error.ts';
import { retryDelay } from './retry-delay.ts';
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
  /** Makes room for other answers; to be called once nobody holds the result any more. Idempotent. */
  release: () => void;
}

export interface RunCallOptions {
  server: ServerConnection;
  budget: CallBudget;
  answers: AnswerMemory;
  clock: Clock;
  logger: Logger;
  /** From here on the server may have got it. */
  onSending?: (() => void) | undefined;
  signal: AbortSignal;
  /** Milliseconds since the epoch at which the signal aborts. */
  deadline: number;
}

/** Throws RockBotError; the error of a result with `isError` carries that result. */
export async function runCall(request: CallRequest, options: RunCallOptions): Promise<CompletedCall> {
  const { server, signal } = options;
  const { observer } = request;
  observer?.found(server.name);
  const tool = await findTool(request.tool, options);
  const facts = { server: server.name, tool: tool.name, sideEffects: tool.sideEffects, isWorkIq: server.isWorkIq };
  server.guard(tool, request.arguments, request.guards);
  if (server.entry.checkArguments) await checkArguments(request.arguments, tool, server.name);
  const progress = new CallProgress({ onProgress: request.onProgress, mask: (text) => server.mask(text) });
  for (let attempt = 1; ; attempt++) {
    let hasTurn = false;
    let endWait: (() => void) | undefined;
    const task = (): Promise<CompletedCall | RockBotError> => {
      hasTurn = true;
      endWait?.();
      const sending = send(request, tool, { facts, attempt, progress, ...options });
      return sending.catch((error: unknown) => unsentError(error, facts));
    };
    // What goes wrong while waiting for the turn was not sent: it is thrown from here.
    const turn = server.queue.run(task, signal).catch((error: unknown) => {
      endWait?.();
      throw unsentError(error, facts);
    });
    if (!hasTurn) {
      observer?.queued(server.queue);
      endWait = progress.waitsForSoon(
        () => `${server.queue.running} calls of "${server.name}" are running; this one waits for its turn.`,
      );
    }
    const outcome = await turn;
    if (!(outcome instanceof RockBotError)) return outcome;
    const leftMs = options.deadline - options.clock.now();
    const delay = retryDelay(outcome, { sideEffects: tool.sideEffects, attempt, leftMs });
    if (delay === undefined) throw outcome;
    progress.waitsFor(retryText(outcome, server.name, delay));
    await options.clock.sleep(delay, signal);
    progress.goesOn();
    observer?.retried(outcome.code === 'throttled' ? 'throttled' : 'server_unavailable');
  }
}

function retryText({ code }: RockBotError, server: string, delayMs: number): string {
  const why = code === 'throttled' ? 'Throttled by the server' : `The server "${server}" is not available`;
  return `${why}; trying again in ${Math.ceil(delayMs / 1_000)} s`;
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

/** The server did answer: more time for it would not have helped, less to pass on would. */
function heldUp(error: unknown): unknown {
  if (!(error instanceof RockBotError) || error.code !== 'timeout') return error;
  return error.with({
    message: `${error.message} Its answer had begun to come; it is large, and waited until the agent had passed on others.`,
    action: 'Ask for less, or call again when fewer large answers are under way.',
  });
}

/** JSON can be read deeper than it can be written. Throws RockBotError `invalid_arguments`. */
function argumentsText(args: Record<string, unknown>, { server, tool }: CallFacts): string {
  try {
    return JSON.stringify(args);
  } catch (cause) {
    throw new RockBotError({
      code: 'invalid_arguments',
      message: `The arguments of "${tool}" of "${server}" are nested too deeply to be sent.`,
      action: 'Correct them. The call was not sent.',
      cause,
    });
  }
}

interface Sending extends RunCallOptions {
  facts: CallFacts;
  /** From 1. */
  attempt: number;
  progress: CallProgress;
}

async function send(request: CallRequest, tool: ListedTool, options: Sending): Promise<CompletedCall> {
  const { server, budget, answers, facts, attempt, progress, signal } = options;
  const { arguments: args, caller, observer } = request;
  // What guards have judged is sent: in the bytes a name may stand twice, and a server may read the other one.
  const isGuarded = server.isGuarded || request.guards !== undefined;
  const argumentsJson = (isGuarded ? undefined : request.argumentsJson) ?? argumentsText(args, facts);
  if (attempt === 1) budget.charge(server.name, caller, server.entry.limits ?? {});
  let isAnswerWaiting = false;
  const onWait = (): void => {
    isAnswerWaiting = true;
    progress.waitsFor('The answer is large; it waits until the agent has passed on others.');
  };
  const onGoOn = (): void => {
    isAnswerWaiting = false;
    progress.goesOn();
  };
  const room = answers.open({ server: server.name, onWait, onGoOn });
  const release = (): void => {
    room.release();
  };
  try {
    const origin = { callId: request.callId, caller: request.source, deadline: options.deadline };
    const mask = (text: string): string => server.mask(text);
    const onProgress = progress.ofServer;
    const call = { tool: tool.name, arguments: args, argumentsJson, room, observer, signal, onProgress, origin };
    options.onSending?.();
    const { json, parsed } = await server.call(call, tool.sideEffects);
    room.settle(json.to - json.from);
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
      release,
    };
  } catch (error) {
    const told = isAnswerWaiting ? heldUp(error) : error;
    release();
    throw withSchema(server.withoutVariables(callError(told, facts)), tool);
  }
}
