// Serves `tool.invoke.mcp`: one call from request to reply, with its event, its audit line and its metrics.
import type { Clock } from '../../shared/clock.ts';
import type { EventOf, RequestOf } from '../../shared/contract/contract.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Bridge, Invocation } from '../bridge/bridge.ts';
import { wrapResult, type ResultBytes } from '../bridge/call-result.ts';
import { memberSpans } from '../bridge/json-spans.ts';
import type { CompletedCall } from '../bridge/run-call.ts';
import { RawReply, type Bus, type RequestContext } from '../bus.ts';
import { CallTelemetry, type CallTelemetryOptions } from '../call-telemetry.ts';
import type { Metrics } from '../metrics.ts';

export interface InvokeHandlerOptions {
  bridge: Pick<Bridge, 'invoke' | 'knows' | 'connections'>;
  bus: () => Pick<Bus, 'publish' | 'publishSoon' | 'maxPayload'>;
  audit: AuditLog;
  metrics: Metrics;
  telemetry: CallTelemetryOptions;
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
    const { source: caller, correlationId, traceparent, tracestate } = context;
    const observer = new CallTelemetry(
      { callId, server: request.server, tool, caller, correlationId, traceparent, tracestate },
      options.telemetry,
    );
    const publishProgress = (progress: Progress): void => {
      clearTimeout(announcing);
      const about = { server: request.server ?? '', tool, caller: context.source, startedAt: isoTime(startedAt) };
      bus().publish('toolProgress', { callId, ...progress, ...about }, { subjectSuffix: callId, cause: context });
    };
    // Otherwise nobody but the caller knows of a call whose server tells no progress.
    const announcing = setTimeout(publishProgress, announceAfterMs, { progress: 0 });
    try {
      const completed = await bridge.invoke({
        ...invocationOf(request, context),
        observer,
        onProgress: publishProgress,
      });
      const facts = { ...completed, callId, startedAt, durationMs: rounded(performance.now() - started) };
      account(options, { context, observer, facts, outcome: completed.failures.length === 0 ? 'ok' : 'partial' });
      bus().publishSoon('toolResult', () => resultEvent(options, context, facts, completed.json), { cause: context });
      return new RawReply(wrapResult(completed.json, replyHead(facts)));
    } catch (error) {
      const facts = {
        server: observer.server,
        tool,
        callId,
        startedAt,
        durationMs: rounded(performance.now() - started),
      };
      const { result: _result, ...wire } = toWireError(error);
      account(options, { context, observer, facts, outcome: wire.code, error: wire });
      const event: EventOf<'toolResult'> = { ...eventOf(facts, context), ok: false, error: wire };
      bus().publishSoon('toolResult', () => JSON.stringify(event), { cause: context });
      throw error;
    } finally {
      clearTimeout(announcing);
    }
  };
}

type Flaws = Pick<CompletedCall, 'failures' | 'outputProblems'>;
type Progress = Pick<EventOf<'toolProgress'>, 'progress' | 'total' | 'message'>;

interface CallFacts extends Pick<CompletedCall, 'server' | 'tool'>, Partial<Flaws> {
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
    caller: payerOf(context),
    source: context.source,
    server,
    tool,
    timeoutMs,
    arguments: request.arguments,
    argumentsJson: span && context.payload.subarray(span[0], span[1]),
  };
}

/** An inbox prefix of its own is tied to a user by the bus's permissions; the source is only what a caller says of itself. */
function payerOf({ inbox, source }: RequestContext): string {
  return inbox.startsWith('_INBOX_') ? inbox : source;
}

function replyHead({ callId, server, tool, durationMs, ...flaws }: CallFacts): string {
  const head = JSON.stringify({ ok: true, callId, server, tool, durationMs, ...flawsOf(flaws) });
  return `${head.slice(0, -1)},"result":`;
}

/** Only what there is to say. */
function flawsOf({ failures = [], outputProblems = [] }: Partial<Flaws>): Partial<Flaws> {
  return { ...(failures.length > 0 && { failures }), ...(outputProblems.length > 0 && { outputProblems }) };
}

interface Ended {
  context: RequestContext;
  observer: CallTelemetry;
  facts: CallFacts;
  outcome: string;
  error?: WireError;
}

/** Nothing is answered that is not in the audit log's queue and in the metrics. */
function account({ audit, bridge, metrics }: InvokeHandlerOptions, ended: Ended): void {
  const { context, observer, facts, outcome, error } = ended;
  const { callId, server, tool, startedAt, durationMs } = facts;
  audit.record({
    at: isoTime(startedAt),
    callId,
    caller: context.source,
    inbox: context.inbox,
    correlationId: context.correlationId,
    traceId: observer.traceId,
    server,
    tool,
    outcome,
    durationMs,
  });
  // What nobody has is a name the caller made up; it must not become a label.
  const isKnownTool = bridge.knows(server, tool);
  const isKnownServer = isKnownTool || bridge.connections().some(({ name }) => name === server);
  metrics.callFinished({
    server: isKnownServer ? server : '',
    tool: isKnownTool ? tool : '',
    outcome,
    seconds: durationMs / 1000,
  });
  observer.finished({ outcome, durationMs, isKnownTool, error });
}

function resultEvent(
  { bus }: InvokeHandlerOptions,
  context: RequestContext,
  facts: CallFacts,
  { buffer, from, to }: ResultBytes,
): string | Uint8Array {
  const head = JSON.stringify({ ...eventOf(facts, context), ok: true, ...flawsOf(facts), resultBytes: to - from });
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
