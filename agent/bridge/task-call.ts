// Calls a tool that runs only as a task: starts it, asks how it is, fetches its result. Source: MCP 2025-11-25,
// basic/utilities/tasks.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CallToolResultSchema,
  CancelTaskResultSchema,
  CreateTaskResultSchema,
  GetTaskResultSchema,
  ErrorCode,
  McpError,
  type Task,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type * as z from 'zod';
import { systemClock } from '../../shared/clock.ts';
import { AnswerLostError, JsonRpcError } from './call-errors.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import type { ToolCall } from './http-tool-call.ts';
import { answeredError, sessionLoss } from './sdk-errors.ts';
import { noTimeout } from './sdk-timeout.ts';

/** Milliseconds between two questions how a task is; a server may name a time within these bounds. */
const defaultPollMs = 1_000;
const shortestPollMs = 100;
const longestPollMs = 10_000;
const cancelTimeoutMs = 5_000;

type SessionToolCall = ToolCall & { arguments: Record<string, unknown> };

/** A server that refuses the arguments may answer with a result at once. */
const startedSchema = CreateTaskResultSchema.transform(({ task }) => ({ task, result: undefined })).or(
  CallToolResultSchema.transform((result) => ({ task: undefined, result })),
);

/** True for a tool that the server refuses to run otherwise. */
export function needsTask(client: Client, { execution }: Tool): boolean {
  const offersTasks = client.getServerCapabilities()?.tasks?.requests?.tools?.call !== undefined;
  return offersTasks && execution?.taskSupport === 'required';
}

/** Throws JsonRpcError, SessionLostError, AnswerLostError, what the transport throws, or the signal's reason. */
export async function callAsTask(client: Client, call: SessionToolCall): Promise<CallResult> {
  const { signal } = call;
  const { task, result: early } = await start(client, call);
  if (task === undefined) return { json: resultBytesOf(early), parsed: early };
  const { taskId } = task;
  try {
    const status = await untilEndOrQuestion(client, task, call);
    // Also where it waits for a person: the server's question comes with this request, which goes on until the task has ended.
    const result = await client
      .request({ method: 'tasks/result', params: { taskId } }, CallToolResultSchema, { signal, timeout: noTimeout })
      .catch((error: unknown) => {
        const answered = status === 'failed' || status === 'cancelled' ? answeredError(error) : undefined;
        if (answered === undefined) throw error;
        // Whatever its code: the task has run, and this is how it failed.
        const { message, data } = answered;
        throw new JsonRpcError({ code: ErrorCode.InternalError, message, data }, { cause: error });
      });
    return { json: resultBytesOf(result), parsed: result };
  } catch (error) {
    // It was started: its outcome is unknown, whatever went wrong afterwards.
    if (!signal.aborted) throw error instanceof JsonRpcError ? error : lost(error);
    const cancel = { method: 'tasks/cancel', params: { taskId } } as const;
    client.request(cancel, CancelTaskResultSchema, { timeout: cancelTimeoutMs }).catch(() => undefined);
    throw signal.reason;
  }
}

async function start(
  client: Client,
  { tool, arguments: args, signal }: SessionToolCall,
): Promise<z.output<typeof startedSchema>> {
  const request = { method: 'tools/call', params: { name: tool, arguments: args, task: {} } } as const;
  try {
    return await client.request(request, startedSchema, { signal, timeout: noTimeout });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw startError(error);
  }
}

async function untilEndOrQuestion(
  client: Client,
  task: Task,
  { signal, onProgress }: SessionToolCall,
): Promise<string> {
  let { status, statusMessage, pollInterval } = task;
  let told: string | undefined;
  for (let step = 1; status === 'working'; step++) {
    if (statusMessage !== undefined && statusMessage !== told) onProgress?.({ progress: step, message: statusMessage });
    told = statusMessage;
    const delayMs = Math.min(Math.max(pollInterval ?? defaultPollMs, shortestPollMs), longestPollMs);
    await systemClock.sleep(delayMs, signal);
    const request = { method: 'tasks/get', params: { taskId: task.taskId } } as const;
    const asked = await client.request(request, GetTaskResultSchema, { signal, timeout: noTimeout });
    ({ status, statusMessage, pollInterval } = asked);
  }
  return status;
}

/** What refuses the token or the session was found out before anything was run; a connection that ended says nothing of it. */
function startError(error: unknown): unknown {
  if (!(error instanceof McpError)) return sessionLoss(error) ?? error;
  return answeredError(error) ?? new AnswerLostError(error.message, { cause: error });
}

function lost(error: unknown): AnswerLostError {
  return new AnswerLostError(error instanceof Error ? error.message : String(error), { cause: error });
}
