// rockbot results: what calls return, as they end, whoever made them.
import type { ToolResultEvent } from '../../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { fromWireError } from '../../../shared/errors/wire-error.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { CliContext } from '../cli-context.ts';
import { errorLines } from '../error-text.ts';
import { exitCodes } from '../exit-code.ts';
import type { InvocationOf } from '../invocation.ts';
import { sizeText } from '../../results/time-text.ts';
import { durationText, momentText } from '../render/date-text.ts';
import { renderResult } from '../render/render-result.ts';
import type { View } from '../render/view.ts';

/** @returns the exit code */
export async function results({ follow }: InvocationOf<'results'>, context: CliContext): Promise<number> {
  const { output, settings, signal } = context;
  const connection = await context.bus();
  const spinner = output.wait(
    follow ? 'Waiting for results (Ctrl-C ends)' : 'Waiting for the next result (Ctrl-C ends)',
  );
  const ended = new AbortController();
  const timer =
    settings.timeoutMs === undefined ? undefined : setTimeout(() => ended.abort(tooLate()), settings.timeoutMs);
  const stop = (): void => ended.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let isFirst = true;
  const end = connection.subscribe(
    'toolResult',
    (event) => {
      output.json(event);
      output.lines(() => [...(isFirst ? [] : ['']), ...eventLines(event, output.view)]);
      isFirst = false;
      if (!follow) ended.abort(done);
    },
    { onForbidden: (error) => ended.abort(error) },
  );
  try {
    // A heartbeat every 10 s would do as well, but "no agent" should be said at once.
    await connection.request('authState', {}, { signal: ended.signal, timeoutMs: 10_000 }).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    await new Promise<void>((resolve) => {
      if (ended.signal.aborted) resolve();
      else ended.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const reason: unknown = ended.signal.reason;
    if (reason === done || isWantedEnd(follow, reason)) return exitCodes.ok;
    // Ctrl-C is how following ends; there is nothing to say about it.
    if (follow && signal.aborted) return exitCodes.cancelled;
    throw reason;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    spinner.stop();
    end();
  }
}

const done = Symbol('done');

/** With --follow a time limit is a wanted end. */
function isWantedEnd(follow: boolean, reason: unknown): boolean {
  return follow && reason instanceof RockBotError && reason.code === 'timeout';
}

function tooLate(): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: 'No call ended in that time.',
    action: 'Call a tool, or allow more time with --timeout.',
  });
}

function eventLines(event: ToolResultEvent, view: View): string[] {
  const { colors } = view;
  const mark = event.ok ? colors.green('✔') : colors.red('✖');
  const head = [
    mark,
    colors.bold(`${cleanLine(event.server)} ${cleanLine(event.tool)}`),
    colors.dim(
      `${cleanLine(momentText(event.startedAt, view))}, ${durationText(event.durationMs)}, by ${cleanLine(event.caller)}`,
    ),
  ].join(' ');
  if (!event.ok) return [head, ...(event.error === undefined ? [] : errorLines(fromWireError(event.error), colors))];
  if (event.result === undefined) {
    const size = event.resultBytes === undefined ? '' : ` (${sizeText(event.resultBytes)})`;
    return [head, colors.dim(`The result is too large to follow${size}; call the tool yourself to see it.`)];
  }
  return [head, ...renderResult(event.result, view)];
}
