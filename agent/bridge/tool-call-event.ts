// One event in the stream that answers a `tools/call`: the answer, the call's progress, or a message of the server's own.
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { HttpSession, ToolCall } from './http-tool-call.ts';
import { parseJson } from './parse-json.ts';
import { answerSchema, type Answer } from './tool-call-answer.ts';

const progressSchema = z.object({
  progressToken: z.union([z.string(), z.number()]),
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

/** The reply when the event is it; progress and the server's own messages are passed on. */
export function readEvent(data: string, id: string, session: HttpSession, call: ToolCall): Answer | undefined {
  const json = parseJson(data);
  const answer = answerSchema.safeParse(json).data;
  if (answer?.id === id) return answer;
  const parsed = JSONRPCMessageSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const message = parsed.data;
  if ('method' in message && message.method === 'notifications/progress') {
    const parsedProgress = progressSchema.safeParse(message.params);
    if (parsedProgress.success && parsedProgress.data.progressToken === id) {
      const { progress, total, message: text } = parsedProgress.data;
      call.onProgress?.({ progress, total, message: text });
      return undefined;
    }
  }
  session.deliver(message);
  return undefined;
}
