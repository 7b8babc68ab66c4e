// What a tool gets to work with when it is called, and what a group of tools looks like to the wire.
import type { Effect } from '../graph/graph-call.ts';
import type { Settings } from '../settings.ts';
import type { Person } from '../tenant/people.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { ToolArguments, ToolDefinition, ToolResult } from './tool.ts';

export type Progress = { progress: number; total: number; message: string };

export type ToolCall = {
  name: string;
  args: ToolArguments;
  tenant: Tenant;
  me: Person;
  settings: Settings;
  requestId: string;
  signal: AbortSignal;
  record(effect: Effect): void;
  /** Absent when the caller sent no progress token. */
  progress?: ((progress: Progress) => void) | undefined;
};

export type ToolServer = {
  serverInfo: { name: string; version: string };
  definitions: readonly ToolDefinition[];
  /** Tools that need no billing: they go on working while the caller is not entitled. */
  freeTools: ReadonlySet<string>;
  call(call: ToolCall): Promise<ToolResult>;
  /** A failure of Graph in the form this server shows it. */
  graphFailure(call: ToolCall, status: number, data: unknown): ToolResult;
};

/** Waits like a thinking service and reports progress on the way. Rejects when the call is cancelled. */
export async function think(call: ToolCall): Promise<void> {
  const { askLatencyMs, askProgressSteps } = call.settings;
  const messages = [
    'Understanding the question',
    'Searching mail',
    'Searching calendar and chats',
    'Writing the answer',
  ];
  const steps = Math.max(1, call.progress ? askProgressSteps : 1);
  for (let step = 1; step <= steps; step++) {
    await pause(askLatencyMs / steps, call.signal);
    if (askProgressSteps > 0) {
      call.progress?.({ progress: step, total: steps, message: messages[(step - 1) % messages.length] ?? '' });
    }
  }
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
