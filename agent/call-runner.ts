// One call of a tool with all that is told of it: its events, its audit line, its metrics, its trace. Whoever calls, over the
// bus or in process, calls through here.
import type { Clock } from '../shared/clock.ts';
import type { EventOf } from '../shared/contract/contract.ts';
import { toWireError, type WireError } from '../shared/errors/wire-error.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { Bridge, Invocation } from './bridge/bridge.ts';
import type { ResultBytes } from './bridge/call-result.ts';
import { releaseWhenSent } from './bridge/release-when-sent.ts';
import type { CompletedCall } from './bridge/run-call.ts';
import type { Bus } from './bus.ts';
import type { Cause } from './bus/message-headers.ts';
import { CallTelemetry, type CallTelemetryOptions } from './call-telemetry.ts';
import type { Metrics } from './metrics.ts';
import { ProgressRelay } from './progress-relay.ts';

export interface CallRunnerOptions {
  bridge: Pick<Bridge, 'invoke' | 'refuseDuplicate' | 'knows' | 'connections'>;
  bus: () => Pick<Bus, 'publish' | 'publishSoon' | 'maxPayload' | 'flush'>;
  audit: AuditLog;
  metrics: Pick<Metrics, 'callFinished'>;
  telemetry: CallTelemetryOptions;
  clock: Clock;
}

/** Where a call comes from. */
export interface CallOrigin extends Cause {
  /** The caller as it names itself. */
  source: string;
  /** The caller's inbox prefix; empty for a call that did not come over the bus. */
  inbox: string;
  tracestate?: string | undefined;
  /** What of a result others than the caller are told; it may throw, then nothing of it is. Without: all. */
  toldResult?: ((result: unknown) => unknown) | undefined;
}

export type AccountedInvocation = Omit<Invocation, 'observer' | 'onProgress' | 'source'>;

export interface AccountedCall extends CompletedCall {
  callId: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
}

/** Throws RockBotError, as `Bridge.invoke` does; what failed is accounted for, too. */
export type RunCall = (invocation: AccountedInvocation, origin: CallOrigin) => Promise<AccountedCall>;

/** Results up to this many bytes travel in the `tool.result` event too; larger ones reach their caller only. */
const maxEventResultBytes = 128 * 1024;
/** Milliseconds after which a call that still runs is told to everybody. */
const announceAfterMs = 500;

export function createCallRunner(options: CallRunnerOptions): RunCall {
  const { bridge, bus, clock } = options;
  return async (invocation, origin) => {
    // Before anything is told: under this id another call goes on.
    bridge.refuseDuplicate(invocation.callId);
    const startedAt = clock.now();
    const started = performance.now();
    const { callId, tool, server = '' } = invocation;
    const { source, correlationId, traceparent, tracestate } = origin;
    const observer = new CallTelemetry(
      { callId, server: invocation.server, tool, caller: source, correlationId, traceparent, tracestate },
      options.telemetry,
    );
    const relay = new ProgressRelay<Progress>((progress) => {
      clearTimeout(announcing);
      const about = { server, tool, caller: source, startedAt: isoTime(startedAt) };
      bus().publish('toolProgress', { callId, ...progress, ...about }, { subjectSuffix: callId, cause: origin });
    });
    const onProgress = (progress: Progress): void => {
      relay.tell(progress);
    };
    // Otherwise nobody but the caller knows of a call whose server tells no progress.
    const announcing = setTimeout(onProgress, announceAfterMs, { progress: 0 });
    try {
      const completed = await bridge.invoke({ ...invocation, source, observer, onProgress }).finally(() => {
        relay.end();
      });
      releaseWhenSent(completed, () => bus().flush());
      const call = { ...completed, callId, startedAt, durationMs: rounded(performance.now() - started) };
      account(options, { origin, observer, call, outcome: completed.failures.length === 0 ? 'ok' : 'partial' });
      bus().publishSoon('toolResult', () => resultEvent(options, origin, call), { cause: origin });
      return call;
    } catch (error) {
      const call = {
        server: observer.server,
        tool,
        callId,
        startedAt,
        durationMs: rounded(performance.now() - started),
      };
      const { result: _result, ...wire } = toWireError(error);
      account(options, { origin, observer, call, outcome: wire.code, error: wire });
      const event: EventOf<'toolResult'> = { ...eventOf(call, origin), ok: false, error: wire };
      bus().publishSoon('toolResult', () => JSON.stringify(event), { cause: origin });
      throw error;
    } finally {
      clearTimeout(announcing);
    }
  };
}

type Progress = Pick<EventOf<'toolProgress'>, 'progress' | 'total' | 'message'>;
type CallFacts = Pick<AccountedCall, 'server' | 'tool' | 'callId' | 'startedAt' | 'durationMs'>;
type Flaws = Pick<CompletedCall, 'failures' | 'outputProblems'>;

/** Only what there is to say. */
export function flawsOf({ failures, outputProblems }: Flaws): Partial<Flaws> {
  return { ...(failures.length > 0 && { failures }), ...(outputProblems.length > 0 && { outputProblems }) };
}

interface Ended {
  origin: CallOrigin;
  observer: CallTelemetry;
  call: CallFacts;
  outcome: string;
  error?: WireError;
}

/** Nothing is answered that is not in the audit log's queue and in the metrics. */
function account({ audit, bridge, metrics }: CallRunnerOptions, ended: Ended): void {
  const { origin, observer, call, outcome, error } = ended;
  const { callId, server, tool, startedAt, durationMs } = call;
  audit.record({
    at: isoTime(startedAt),
    callId,
    caller: origin.source,
    inbox: origin.inbox,
    correlationId: origin.correlationId,
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

function resultEvent({ bus }: CallRunnerOptions, origin: CallOrigin, call: AccountedCall): string | Uint8Array {
  const { buffer, from, to }: ResultBytes = call.json;
  const head = JSON.stringify({ ...eventOf(call, origin), ok: true, ...flawsOf(call), resultBytes: to - from });
  if (to - from > maxEventResultBytes) return head;
  const told = toldBytes(buffer.subarray(from, to), origin);
  if (told === undefined || told.length + Buffer.byteLength(head) + 16 > bus().maxPayload) return head;
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"result":`), told, Buffer.from('}')]);
}

function toldBytes(json: Buffer, { toldResult }: CallOrigin): Buffer | undefined {
  if (toldResult === undefined) return json;
  try {
    return Buffer.from(JSON.stringify(toldResult(JSON.parse(json.toString('utf8')))));
  } catch {
    return undefined;
  }
}

function eventOf({ callId, server, tool, startedAt, durationMs }: CallFacts, { source }: CallOrigin) {
  return { callId, server, tool, caller: source, startedAt: isoTime(startedAt), durationMs };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString();
}
