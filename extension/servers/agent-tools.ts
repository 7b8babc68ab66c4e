// Calls tools on the agent for this window, with progress and cancel, and turns every end into one event. It shows nothing.
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { Bus } from '../bus.ts';
import { AnswerLost } from '../bus/answer-lost.ts';
import type { ToolCallRequest } from '../tool-form/tool-caller.ts';
import { cancelledCall, failedCall } from './failed-call.ts';

export interface CallWatch {
  signal: AbortSignal;
  onProgress: (progress: EventOf<'toolProgress'>) => void;
}

export interface AgentToolsOptions {
  bus: Pick<Bus, 'request'>;
  /** Hears the progress of all calls. */
  onProgress: (listener: (progress: EventOf<'toolProgress'>) => void) => () => void;
  onStarted: (call: ToolCallRequest) => void;
  onFinished: (event: ToolResultEvent) => void;
  clock?: Clock | undefined;
}

/** The agent's own limit strikes first (`McpBridge__MaxTimeoutMs`, 5 minutes). */
export const longestCallMs = 305_000;
const cancelTimeoutMs = 2_000;
/** Milliseconds for the agent to say itself what became of a call that it was told to cancel. */
const lastWordMs = 2_000;
export const callerName = 'vscode';

export interface AgentTools {
  /** Never rejects: a failure is an event with its error. */
  call(call: ToolCallRequest, watch: CallWatch): Promise<ToolResultEvent>;
  /** Cancels a call of anybody; false when it does not run. */
  cancel(callId: string): Promise<boolean>;
}

export function createAgentTools(options: AgentToolsOptions): AgentTools {
  const { bus, onProgress, onStarted, onFinished, clock = systemClock } = options;
  const cancel = async (callId: string): Promise<boolean> =>
    (await bus.request('toolCancel', { callId }, { timeoutMs: cancelTimeoutMs })).cancelled;

  /** Resolves when no word of the agent is to be expected any more; it mostly has said it by then. */
  async function endOnAgent(callId: string, answered: AbortSignal): Promise<void> {
    try {
      await cancel(callId);
      await clock.sleep(lastWordMs, answered);
    } catch {
      // It could not be told, or has answered.
    }
  }

  return {
    cancel,
    async call(call, { signal, onProgress: hear }) {
      const { callId, server, tool, sideEffects } = call;
      const startedAt = clock.now();
      const facts = { callId, server, tool, caller: callerName, startedAt: new Date(startedAt).toISOString() };
      onStarted(call);
      const stop = onProgress((progress) => {
        if (progress.callId === callId) hear(progress);
      });
      const waiting = new AbortController();
      const onAbort = (): void =>
        void endOnAgent(callId, waiting.signal).then(() => waiting.abort(cancelledCall(sideEffects)));
      let event: ToolResultEvent;
      try {
        // Nothing was sent, so there is nothing to warn of.
        if (signal.aborted) throw cancelledCall('read');
        signal.addEventListener('abort', onAbort, { once: true });
        const reply = await bus.request(
          'toolInvoke',
          { callId, server, tool, arguments: { ...call.arguments } },
          { signal: waiting.signal, timeoutMs: longestCallMs },
        );
        const { durationMs, result, failures, outputProblems } = reply;
        const more = {
          ...(failures !== undefined && { failures }),
          ...(outputProblems !== undefined && { outputProblems }),
        };
        event = { ...facts, durationMs, ok: true, ...more, result };
      } catch (error) {
        const cause = signal.aborted && error instanceof AnswerLost ? cancelledCall(sideEffects) : error;
        event = { ...facts, durationMs: clock.now() - startedAt, ok: false, error: failedCall(cause, sideEffects) };
      } finally {
        signal.removeEventListener('abort', onAbort);
        waiting.abort();
        stop();
      }
      onFinished(event);
      return event;
    },
  };
}
