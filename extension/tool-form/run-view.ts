// What a form shows of a run, as a pure function of the run's state or outcome.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import { errorCard } from '../results/error-card.ts';
import type { OwnAdvice } from '../results/next-step.ts';
import { durationText } from '../results/time-text.ts';
import { longestCallMs } from '../servers/agent-tools.ts';
import type { RunView } from './form-messages.ts';
import { outerStep } from './outer-step.ts';
import type { ToolProgress } from './tool-caller.ts';

const maxMessage = 2_000;

/** Milliseconds after which a run without a word of the server says how long it takes. */
const quietMs = 5_000;

export interface Running {
  readonly progress: ToolProgress | undefined;
  readonly isCancelling: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export function runningView({ progress, isCancelling, startedAt }: Running, now = Date.now()): RunView {
  const { progress: done = 0, total, message } = progress ?? {};
  const share = total !== undefined && total > 0 ? Math.min(1, Math.max(0, done / total)) : undefined;
  const words = cleanLine((message ?? '').slice(0, maxMessage)) || waitingText(now - startedAt);
  return {
    kind: 'running',
    isCancelling,
    ...(share !== undefined && Number.isFinite(share) && { share }),
    ...(words !== '' && { message: words }),
  };
}

export function outcomeView({ ok, error, durationMs }: ToolResultEvent, own?: OwnAdvice): RunView {
  if (ok) return { kind: 'done', durationMs };
  const failure = error ?? { code: 'internal', message: '', retryable: false };
  const { code, title, meaning, message, advice, step, retryHint, requestId } = errorCard(failure, own);
  if (code === 'cancelled') {
    const action = failure.action?.trim();
    return { kind: 'cancelled', message: title, ...(action && { action: block(action) }) };
  }
  return {
    kind: 'failed',
    code: cleanLine(code),
    title: cleanLine(title),
    meaning,
    message: block(message),
    advice: block(advice),
    ...(retryHint !== undefined && { retryHint }),
    ...(requestId !== undefined && { requestId: cleanLine(requestId) }),
    ...(step !== undefined && step !== 'runAgain' && { step: outerStep(step) }),
  };
}

/** The agent asks a server that is busy again, for as long as the call may take, and mostly says nothing of it. */
function waitingText(milliseconds: number): string {
  if (milliseconds < quietMs) return '';
  const limit = `it ends after ${Math.floor(longestCallMs / 60_000)} minutes at the latest`;
  const busy = milliseconds < 2 * quietMs ? '' : ' A server that is busy is asked again meanwhile.';
  return `Running for ${durationText(milliseconds)}; ${limit}.${busy}`;
}

function block(text: string): string {
  return cleanBlock(text.length <= maxMessage ? text : `${text.slice(0, maxMessage)}…`);
}
