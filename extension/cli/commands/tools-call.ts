// rockbot tools call: one call, its progress, its result; Ctrl-C cancels it on the agent as well.
import type { Bus } from '../../bus.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import type { CliContext } from '../cli-context.ts';
import type { InvocationOf } from '../invocation.ts';
import { durationText } from '../render/date-text.ts';
import { renderResult } from '../render/render-result.ts';
import { readResult } from '../../results/result-parts.ts';
import { readToolArguments } from './tool-arguments.ts';

/** The agent's own limit is the one that should strike first (`McpBridge__MaxTimeoutMs`, 5 minutes). */
const longestCallMs = 300_000;
const graceMs = 5_000;
const cancelTimeoutMs = 2_000;

/** @returns whether the tool did at least a part of what it was asked */
export async function toolsCall(invocation: InvocationOf<'tools_call'>, context: CliContext): Promise<boolean> {
  const { output, settings, signal } = context;
  const { server, tool } = invocation;
  const toolArguments = await readToolArguments(invocation.args, context);
  const connection = await context.bus();
  const callId = crypto.randomUUID();
  const spinner = output.wait(`Calling ${cleanLine(server)} ${cleanLine(tool)} (Ctrl-C cancels)`);
  const endProgress = connection.subscribe(
    'toolProgress',
    ({ progress, total, message }) => {
      const share = total ? ` ${Math.round((100 * progress) / total)} %` : '';
      spinner.update(`${cleanLine(message ?? `Calling ${server} ${tool}`)}${share}`);
    },
    { callId },
  );
  try {
    const { timeoutMs } = settings;
    const reply = await connection.request(
      'toolInvoke',
      { callId, server, tool, arguments: toolArguments, ...(timeoutMs !== undefined && { timeoutMs }) },
      { signal, timeoutMs: (timeoutMs ?? longestCallMs) + graceMs },
    );
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
  } catch (error) {
    spinner.stop();
    if (signal.aborted) await cancelOnAgent(connection, callId, context);
    if (error instanceof RockBotError && error.result !== undefined) {
      const { result } = error;
      output.lines(() => renderResult(result, output.view));
    }
    throw error;
  } finally {
    spinner.stop();
    endProgress();
  }
}

async function cancelOnAgent(connection: Bus, callId: string, { output }: CliContext): Promise<void> {
  try {
    const { cancelled } = await connection.request('toolCancel', { callId }, { timeoutMs: cancelTimeoutMs });
    output.note(cancelled ? 'The agent cancelled the call.' : 'The call had ended already.');
  } catch {
    output.note('The agent could not be told to cancel; the call may still run there.');
  }
}
