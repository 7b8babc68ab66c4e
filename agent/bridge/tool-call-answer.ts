// The answer to a `tools/call` over HTTP, from its bytes to its result: large plain successes are passed on unparsed. It knows no
// request and no HTTP status.
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { AnswerLostError, JsonRpcError, NullResultError, SessionLostError } from './call-errors.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import { headRoom, type ExchangeReply } from './http-exchange.ts';
import { memberSpans } from './json-spans.ts';
import { parseJson } from './parse-json.ts';
import { speaksOfSession } from './session-loss.ts';

/** Results up to this many bytes are always parsed, to find out what they mean; larger ones only when they report trouble. */
const alwaysParsedBytes = 32 * 1024;

/** The answer to a request. Wider than the SDK's schema: Work IQ answers `null` as result, others errors without an id. */
export const answerSchema = z
  .looseObject({ id: z.union([z.string(), z.number(), z.null()]).optional() })
  .and(
    z.union([
      z.looseObject({ error: z.looseObject({ code: z.number(), message: z.string() }) }),
      z.looseObject({ result: z.unknown() }).refine((message) => 'result' in message),
    ]),
  );

export type Answer = z.infer<typeof answerSchema>;

export function readReply(reply: ExchangeReply, id: string): CallResult {
  const { bytes, end } = reply;
  const spans = memberSpans(bytes, headRoom, end, 'result');
  const span = spans?.get('result');
  const idSpan = spans?.get('id');
  const isAnswer =
    span !== undefined && idSpan !== undefined && bytes.toString('latin1', idSpan[0], idSpan[1]).trim() === `"${id}"`;
  if (isAnswer) {
    const json = { buffer: bytes, from: span[0], to: span[1] };
    const isErrorSpan = spans?.get('result.isError');
    const isSuccess =
      isErrorSpan === undefined || bytes.toString('latin1', isErrorSpan[0], isErrorSpan[1]).trim() === 'false';
    const isPlain = isSuccess && spans?.has('result.structuredContent') !== true;
    if (isPlain && span[1] - span[0] > alwaysParsedBytes) return { json, parsed: undefined };
    const parsed = parseJson(bytes.toString('utf8', span[0], span[1]));
    const result = withBlocks(parsed);
    return { json: result === parsed ? json : resultBytesOf(result), parsed: checkedResult(result) };
  }
  return readUnusualReply(bytes.toString('utf8', headRoom, end), id);
}

export function readUnusualReply(text: string, id: string): CallResult {
  const answer = answerSchema.safeParse(parseJson(text)).data;
  if (answer === undefined) throw new AnswerLostError('The server answered something that is no JSON-RPC message.');
  // An error without an id says that the server could not read one; it came in reply to this request all the same.
  const isOurs = answer.id === id || ('error' in answer && (answer.id ?? null) === null);
  if (!isOurs) throw new AnswerLostError('The server answered another request than the one it was sent.');
  return resultOf(answer);
}

export function resultOf(answer: Answer): CallResult {
  if ('error' in answer) {
    const error = answer.error as { code: number; message: string; data?: unknown };
    // Not proof that the call was not run: the error names the request.
    if (error.code === -32001 && speaksOfSession(error.message)) throw new SessionLostError(false);
    throw new JsonRpcError(error);
  }
  const result = withBlocks(answer.result);
  return { parsed: checkedResult(result), json: resultBytesOf(result) };
}

const looseResultSchema = z.looseObject({ content: z.union([z.string(), z.null()]) });

/** Work IQ has been seen to put a text, or nothing, where the protocol wants a list of blocks. */
function withBlocks(json: unknown): unknown {
  if (hasBlocks(json)) return json;
  const loose = looseResultSchema.safeParse(json).data;
  if (loose === undefined) return json;
  return { ...loose, content: loose.content === null ? [] : [{ type: 'text', text: loose.content }] };
}

function hasBlocks(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'content' in json && Array.isArray(json.content);
}

function checkedResult(json: unknown): CallResult['parsed'] {
  if (json === null) throw new NullResultError('The server answered null.');
  const result = CallToolResultSchema.safeParse(json);
  if (!result.success) throw new AnswerLostError('The server answered something that is no tool result.');
  return result.data;
}
