// Serves `tool.invoke.mcp`: one call from request to reply, with its event, its audit line and its metrics.
import type { Clock } from '../../shared/clock.ts';
import type { RequestOf } from '../../shared/contract/contract.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Bridge, CompletedCall, Invocation } from '../bridge/bridge.ts';
import { wrapResult, type ResultBytes } from '../bridge/call-result.ts';
import { memberSpans } from '../bridge/json-spans.ts';
import { RawReply, type Bus, type RequestContext } from '../bus.ts';
import type { Metrics } from '../metrics.ts';

export interface InvokeHandlerOptions {
  bridge: Pick<Bridge, 'invoke' | 'knows'>;
  bus: () => Pick<Bus, 'publish' | 'publishRaw' | 'maxPayload'>;
  audit: AuditLog;
  metrics: Metrics;
  clock: Clock;
}

/** Results up to this many bytes travel in the `tool.result` event too; larger ones reach their caller only. */
const maxEventResultBytes = 128 * 1024;
/** Arguments from this many bytes on are passed to the server as they came, not serialised again. */
const rawArgumentsBytes = 16 * 1024;

export function createInvokeHandler(options: InvokeHandlerOptions) {
  const { bridge, bus, clock } = options;
  return async (request: RequestOf<'toolInvoke'>, context: RequestContext): Promise<RawReply> => {
    const startedAt = clock.now();
    const started = performance.now();
    const { callId, tool } = request;
    try {
      const completed = await bridge.invoke({
        ...invocationOf(request, context),
        onProgress: (progress) => {
          bus().publish('toolProgress', { callId, ...progress }, { subjectSuffix: callId, cause: context });
        },
      });
      const facts = { ...completed, callId, startedAt, durationMs: rounded(performance.now() - started) };
      return new RawReply(wrapResult(completed.json, replyHead(facts)), () => {
        finish(options, context, facts, { result: completed.json });
      });
    } catch (error) {
      const facts = {
        server: request.server ?? '',
        tool,
        callId,
        startedAt,
        durationMs: rounded(performance.now() - started),
      };
      finish(options, context, facts, { error: toWireError(error) });
      if (error instanceof RockBotError) throw error;
      throw new RockBotError({
        code: 'internal',
        message: 'The agent failed to run this call.',
        action: `Look for ${callId} in the agent's log.`,
        cause: error,
      });
    }
  };
}

interface CallFacts extends Pick<CompletedCall, 'server' | 'tool'> {
  callId: string;
  startedAt: number;
  durationMs: number;
}

function invocationOf(request: RequestOf<'toolInvoke'>, context: RequestContext): Invocation {
  const { callId, server, tool, timeoutMs } = request;
  const span =
    context.payload.length < rawArgumentsBytes
      ? undefined
      : memberSpans(context.payload, 0, context.payload.length)?.get('arguments');
  return {
    callId,
    server,
    tool,
    timeoutMs,
    arguments: request.arguments,
    argumentsJson: span && context.payload.subarray(span[0], span[1]),
    traceparent: context.traceparent,
  };
}

function replyHead({ callId, server, tool, durationMs }: CallFacts): string {
  return `{"ok":true,"callId":"${callId}","server":${JSON.stringify(server)},"tool":${JSON.stringify(tool)},"durationMs":${durationMs},"result":`;
}

function finish(
  { audit, bridge, metrics, bus }: InvokeHandlerOptions,
  context: RequestContext,
  facts: CallFacts,
  ending: { result: ResultBytes } | { error: WireError },
): void {
  const { callId, server, tool, durationMs } = facts;
  const at = new Date(facts.startedAt).toISOString();
  const outcome = 'error' in ending ? ending.error.code : 'ok';
  audit.record({
    at,
    callId,
    caller: context.source,
    inbox: context.inbox,
    correlationId: context.correlationId,
    server,
    tool,
    outcome,
    durationMs,
  });
  // A tool that nobody has is a name the caller made up; it must not become a label.
  const isKnown = bridge.knows(server, tool);
  metrics.callFinished({
    server: isKnown ? server : '',
    tool: isKnown ? tool : '',
    outcome,
    seconds: durationMs / 1000,
  });
  const event = { callId, server, tool, caller: context.source, startedAt: at, durationMs };
  if ('error' in ending) {
    const { result: _result, ...error } = ending.error;
    bus().publish('toolResult', { ...event, ok: false, error }, { cause: context });
    return;
  }
  const { buffer, from, to } = ending.result;
  const head = JSON.stringify({ ...event, ok: true, resultBytes: to - from });
  const hasRoom = to - from + Buffer.byteLength(head) + 16 <= bus().maxPayload;
  const json =
    to - from > maxEventResultBytes || !hasRoom
      ? head
      : Buffer.concat([Buffer.from(`${head.slice(0, -1)},"result":`), buffer.subarray(from, to), Buffer.from('}')]);
  bus().publishRaw('toolResult', json, { cause: context });
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
