// Serves `tool.invoke.mcp`: from the request to a call, from the call to a reply that holds the result's bytes as they came.
import type { RequestOf } from '../../shared/contract/contract.ts';
import { wrapResult } from '../bridge/call-result.ts';
import { memberSpans } from '../bridge/json-spans.ts';
import type { RequestContext } from '../bus/answer-request.ts';
import { RawReply } from '../bus/raw-reply.ts';
import { flawsOf, type AccountedCall, type AccountedInvocation, type RunCall } from '../call-runner.ts';
import { payerOf } from './payer-of.ts';

/** Arguments from this many bytes on are passed to the server as they came, not serialised again. */
const rawArgumentsBytes = 16 * 1024;

export function createInvokeHandler(runCall: RunCall) {
  return async (request: RequestOf<'toolInvoke'>, context: RequestContext): Promise<RawReply> => {
    const call = await runCall(invocationOf(request, context), context);
    return new RawReply(wrapResult(call.json, replyHead(call)));
  };
}

function invocationOf(request: RequestOf<'toolInvoke'>, context: RequestContext): AccountedInvocation {
  const { callId, server, tool, timeoutMs } = request;
  const span =
    context.payload.length < rawArgumentsBytes
      ? undefined
      : memberSpans(context.payload, 0, context.payload.length)?.get('arguments');
  return {
    callId,
    caller: payerOf(context),
    server,
    tool,
    timeoutMs,
    requestBytes: context.payload.length,
    arguments: request.arguments,
    argumentsJson: span && context.payload.subarray(span[0], span[1]),
  };
}

function replyHead(call: AccountedCall): string {
  const { callId, server, tool, durationMs } = call;
  const head = JSON.stringify({ ok: true, callId, server, tool, durationMs, ...flawsOf(call) });
  return `${head.slice(0, -1)},"result":`;
}
