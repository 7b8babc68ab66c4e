// rockbot tools call: one call, its progress, its result; Ctrl-C cancels it on the agent as well.
import { systemClock } from '../../../shared/clock.ts';
import type { ListedTool } from '../../../shared/contract/tool-messages.ts';
import type { Bus } from '../../bus.ts';
import { callFailure } from '../../bus/answer-lost.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { answerQuestions } from '../answer-questions.ts';
import type { CliContext } from '../cli-context.ts';
import type { InvocationOf } from '../invocation.ts';
import { durationText } from '../render/date-text.ts';
import { renderResult } from '../render/render-result.ts';
import { readResult } from '../../results/result-parts.ts';
import { readToolArguments } from './tool-arguments.ts';

/** Longest that an agent gives a call of its own accord (`McpBridge__MaxTimeoutMs`); one that is gone is noticed long before. */
const longestCallMs = 300_000;
/** The agent's own limit is the one that should strike first. */
const graceMs = 5_000;
const cancelTimeoutMs = 2_000;
/** Milliseconds after which it is asked what kind of tool it is, in case that the answer is lost. */
const lookAtToolMs = 500;

/** @returns whether the tool did at least a part of what it was asked */
export async function toolsCall(invocation: InvocationOf<'tools_call'>, context: CliContext): Promise<boolean> {
  const { output, settings, signal } = context;
  const { server, tool } = invocation;
  const toolArguments = await readToolArguments(invocation.args, context);
  const connection = await context.bus();
  const callId = crypto.randomUUID();
  const doing = `Calling ${cleanLine(server)} ${cleanLine(tool)} (Ctrl-C cancels)`;
  let spinner = output.wait(doing);
  const endProgress = connection.subscribe(
    'toolProgress',
    ({ progress, total, message }) => {
      const share = total ? ` ${Math.round((100 * progress) / total)} %` : '';
      spinner.update(`${cleanLine(message ?? `Calling ${server} ${tool}`)}${share}`);
    },
    { callId },
  );
  const endQuestions = answerQuestions({
    connection,
    callId,
    context,
    onAsking: () => {
      spinner.stop();
    },
    onAsked: () => {
      spinner = output.wait(doing);
    },
  });
  const waiting = new AbortController();
  const { timeoutMs } = settings;
  const answer = connection
    .request(
      'toolInvoke',
      { callId, server, tool, arguments: toolArguments, ...(timeoutMs !== undefined && { timeoutMs }) },
      { signal: waiting.signal, timeoutMs: (timeoutMs ?? longestCallMs) + graceMs },
    )
    .finally(endQuestions);
  /** Undefined as long as it is not known. */
  let sideEffects: ListedTool['sideEffects'] | undefined;
  void sideEffectsOf(connection, { server, tool, signal: waiting.signal }).then((known) => (sideEffects = known));
  const onCancel = (): void => {
    spinner.update('Cancelling');
    void cancelOnAgent(connection, callId).then((note) => {
      // Answered meanwhile.
      if (waiting.signal.aborted) return;
      output.note(note);
      waiting.abort(sideEffects === 'read' ? signal.reason : perhapsDone(signal.reason));
    });
  };
  if (signal.aborted) waiting.abort(signal.reason);
  else signal.addEventListener('abort', onCancel, { once: true });
  try {
    const reply = await answer;
    spinner.stop();
    output.json({ ok: true, ...reply });
    output.lines(() => renderResult(reply.result, output.view));
    if (!output.isJson) {
      output.note(
        output.noteColors.dim(`${cleanLine(reply.server)} ${cleanLine(reply.tool)}, ${durationText(reply.durationMs)}`),
      );
    }
    const { isError, parts } = readResult(reply.result);
    return !isError && (parts.length === 0 || parts.some((part) => part.kind !== 'failure'));
  } catch (thrown) {
    spinner.stop();
    const error = callFailure(thrown, sideEffects);
    if (error instanceof RockBotError && error.result !== undefined) {
      const { result, message } = error;
      // What the error says anyway is not said twice.
      output.lines(() => withoutMessage(renderResult(result, output.view), message));
    }
    throw error;
  } finally {
    spinner.stop();
    signal.removeEventListener('abort', onCancel);
    waiting.abort();
    endProgress();
  }
}

async function sideEffectsOf(
  connection: Bus,
  { server, tool, signal }: { server: string; tool: string; signal: AbortSignal },
): Promise<ListedTool['sideEffects'] | undefined> {
  try {
    // Most calls have ended by then.
    await systemClock.sleep(lookAtToolMs, signal);
    const { servers } = await connection.request('toolList', { server }, { signal });
    return servers.find(({ name }) => name === server)?.tools.find(({ name }) => name === tool)?.sideEffects;
  } catch {
    return undefined;
  }
}

function perhapsDone(reason: unknown): unknown {
  const action = 'Check whether the tool has done its work already before you call it again.';
  return reason instanceof RockBotError ? reason.with({ action }) : reason;
}

function withoutMessage(lines: readonly string[], message: string): readonly string[] {
  return lines.join(' ').trim() === cleanLine(message) ? [] : lines;
}

/**
 * Has the agent cancel the call and gives it a moment to say itself what became of it; then returns what is known without
 * that.
 */
async function cancelOnAgent(connection: Bus, callId: string): Promise<string> {
  try {
    const { cancelled } = await connection.request('toolCancel', { callId }, { timeoutMs: cancelTimeoutMs });
    await systemClock.sleep(cancelTimeoutMs);
    return cancelled ? 'The agent cancelled the call.' : 'The call had ended already.';
  } catch {
    return 'The agent could not be told to cancel; the call may still run there.';
  }
}
