// Serves `tool.invoke.mcp`: one call from request to reply, with its event, its audit line and its metrics.
import type { Clock } from '../../shared/clock.ts';
import type { EventOf, RequestOf } from '../../shared/contract/contract.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Bridge, CompletedCall, Invocation } from '../bridge/bridge.ts';
import { wrapResult, type ResultBytes } from '../bridge/call-result.ts';
import { memberSpans } from '../bridge/json-spans.ts';
import { RawReply, type Bus, type RequestContext } from '../bus.ts';
import type { Metrics } from '../metrics.ts';

export interface InvokeHandlerOptions {
  bridge: Pick<Bridge, 'invoke' | 'knows'>;
  bus: () => Pick<Bus, 'publish' | 'publishSoon' | 'maxPayload'>;
  audit: AuditLog;
  metrics: Metrics;
  clock: Clock;
}

/** Results up to this many bytes travel in the `tool.result` event too; larger ones reach their caller only. */
const maxEventResultBytes = 128 * 1024;
/** Milliseconds after which a call that still runs is told to everybody. */
const announceAfterMs = 500;
/** Arguments from this many bytes on are passed to the server as they came, not serialised again. */
const rawArgumentsBytes = 16 * 1024;

export function createInvokeHandler(options: InvokeHandlerOptions) {
  const { bridge, bus, clock } = options;
  return async (request: RequestOf<'toolInvoke'>, context: RequestContext): Promise<RawReply> => {
    const startedAt = clock.now();
    const started = performance.now();
    const { callId, tool } = request;
    const publishProgress = (progress: Progress): void => {
      const about = { server: request.server ?? '', tool, caller: context.source, startedAt: isoTime(startedAt) };
      bus().publish('toolProgress', { callId, ...progress, ...about }, { subjectSuffix: callId, cause: context });
    };
    // Otherwise nobody but the caller knows of a call whose server tells no progress.
    const announcing = setTimeout(publishProgress, announceAfterMs, { progress: 0 });
    try {
      const completed = await bridge.invoke({ ...invocationOf(request, context), onProgress: publishProgress });
      const facts = { ...completed, callId, startedAt, durationMs: rounded(performance.now() - started) };
      account(options, context, facts, 'ok');
      bus().publishSoon('toolResult', () => resultEvent(options, context, facts, completed.json), { cause: context });
      return new RawReply(wrapResult(completed.json, replyHead(facts)));
    } catch (error) {
      const facts = {
        server: request.server ?? '',
        tool,
        callId,
        startedAt,
        durationMs: rounded(performance.now() - started),
      };
      const { result: _result, ...wire } = toWireError(error);
      account(options, context, facts, wire.code);
      const event: EventOf<'toolResult'> = { ...eventOf(facts, context), ok: false, error: wire };
      bus().publishSoon('toolResult', () => JSON.stringify(event), { cause: context });
      throw error;
    } finally {
      clearTimeout(announcing);
    }
  };
}

type Progress = Pick<EventOf<'toolProgress'>, 'progress' | 'total' | 'message'>;

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

/** Nothing is answered that is not in the audit log's queue and in the metrics. */
function account(
  { audit, bridge, metrics }: InvokeHandlerOptions,
  context: RequestContext,
  { callId, server, tool, startedAt, durationMs }: CallFacts,
  outcome: string,
): void {
  audit.record({
    at: isoTime(startedAt),
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
}

function resultEvent(
  { bus }: InvokeHandlerOptions,
  context: RequestContext,
  facts: CallFacts,
  { buffer, from, to }: ResultBytes,
): string | Uint8Array {
  const head = JSON.stringify({ ...eventOf(facts, context), ok: true, resultBytes: to - from });
  const hasRoom = to - from + Buffer.byteLength(head) + 16 <= bus().maxPayload;
  if (to - from > maxEventResultBytes || !hasRoom) return head;
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"result":`), buffer.subarray(from, to), Buffer.from('}')]);
}

function eventOf({ callId, server, tool, startedAt, durationMs }: CallFacts, { source }: RequestContext) {
  return { callId, server, tool, caller: source, startedAt: isoTime(startedAt), durationMs };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString();
}
