// One run of a tool: its progress, its cancelling and its outcome, which is always an event and never an exception.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { cancelledCall, failedCall } from '../servers/failed-call.ts';
import type { ToolCaller, ToolProgress, ToolTarget } from './tool-caller.ts';

export interface ToolRun {
  readonly callId: string;
  readonly target: ToolTarget;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly progress: ToolProgress | undefined;
  readonly isCancelling: boolean;
  /** Never rejects. */
  readonly finished: Promise<ToolResultEvent>;
  /** Calls back on progress, on cancelling and every few seconds; returns a function that ends it. */
  onChange(listener: () => void): () => void;
  cancel(): void;
}

export interface ToolRunOptions {
  readonly caller: Pick<ToolCaller, 'call'>;
  readonly target: ToolTarget;
  readonly arguments: JsonObject;
  /** How this program names itself on the bus. */
  readonly source: string;
  readonly now?: () => number;
}

/** Milliseconds between calls back while nothing happens: what is shown says how long it takes. */
const tickMs = 5_000;

export function startToolRun({ caller, target, arguments: values, source, now = Date.now }: ToolRunOptions): ToolRun {
  const callId = crypto.randomUUID();
  const startedAt = now();
  const cancelling = new AbortController();
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  let progress: ToolProgress | undefined;

  const { server, tool } = target;
  const onProgress = (latest: ToolProgress): void => {
    progress = latest;
    changed();
  };
  const ticking = setInterval(changed, tickMs).unref();
  const finish = async (): Promise<ToolResultEvent> => {
    const { name, sideEffects } = tool;
    const request = { callId, server, tool: name, arguments: values, sideEffects };
    try {
      return await caller.call(request, { signal: cancelling.signal, onProgress });
    } catch (thrown) {
      const error = failedCall(cancelling.signal.aborted ? cancelledCall(sideEffects) : thrown, sideEffects);
      const durationMs = now() - startedAt;
      const times = { startedAt: new Date(startedAt).toISOString(), durationMs };
      return { callId, server, tool: name, caller: source, ...times, ok: false, error };
    } finally {
      clearInterval(ticking);
    }
  };
  const finished = finish();
  return {
    callId,
    target,
    startedAt,
    get progress() {
      return progress;
    },
    get isCancelling() {
      return cancelling.signal.aborted;
    },
    finished,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel: () => {
      if (cancelling.signal.aborted) return;
      cancelling.abort(cancelledCall(tool.sideEffects));
      changed();
    },
  };
}
