// Calls tools on the agent for this window, with progress and cancel, and turns every end into one event. It shows nothing.
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Bus } from '../bus.ts';
import type { ToolCallRequest } from '../tool-form/tool-caller.ts';
import { failedCall } from './failed-call.ts';

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

  return {
    cancel,
    async call(call, { signal, onProgress: hear }) {
      const startedAt = clock.now();
      const facts = {
        callId: call.callId,
        server: call.server,
        tool: call.tool,
        caller: callerName,
        startedAt: new Date(startedAt).toISOString(),
      };
      onStarted(call);
      const stop = onProgress((progress) => {
        if (progress.callId === call.callId) hear(progress);
      });
      let event: ToolResultEvent;
      try {
        const reply = await bus.request(
          'toolInvoke',
          { ...call, arguments: { ...call.arguments } },
          { signal, timeoutMs: longestCallMs },
        );
        const { durationMs, result, failures, outputProblems } = reply;
        const more = {
          ...(failures !== undefined && { failures }),
          ...(outputProblems !== undefined && { outputProblems }),
        };
        event = { ...facts, durationMs, ok: true, ...more, result };
      } catch (error) {
        if (signal.aborted) await cancel(call.callId).catch(() => undefined);
        const cause = error instanceof RockBotError || !signal.aborted ? error : cancelled();
        event = { ...facts, durationMs: clock.now() - startedAt, ok: false, error: failedCall(cause) };
      } finally {
        stop();
      }
      onFinished(event);
      return event;
    },
  };
}

function cancelled(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'The call was cancelled.' });
}
