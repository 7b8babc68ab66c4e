// The trace of a call: continues the caller's and hands it on. Without an OTLP endpoint nothing is recorded and no OpenTelemetry
// package is loaded.
import { cleanTracestate, newTrace, parseTraceparent, traceparentOf } from '../shared/trace-context.ts';
import type { HttpRequest } from './bridge/call-observer.ts';
import type { Logger } from './logger.ts';
import { readTracingSettings } from './tracing/tracing-settings.ts';

/** What a caller sent, not yet looked at. */
export interface IncomingTrace {
  traceparent: string | undefined;
  tracestate: string | undefined;
}

export interface CallTrace {
  readonly traceId: string;
  /** One request of the call begins; without a request of HTTP where the transport is another. */
  request(http?: HttpRequest): RequestTrace;
  end(facts: { server: string; tool: string; outcome: string; isKnownTool: boolean }): void;
}

export interface RequestTrace {
  readonly headers: Readonly<Record<string, string>>;
  /** `status`: of HTTP. `errorType`: one of OpenTelemetry's `error.type`. */
  end(result: { status?: number | undefined; errorType?: string | undefined }): void;
}

export interface Tracing {
  startCall(callId: string, incoming: IncomingTrace): CallTrace;
  /** Sends what is left, for a bounded time. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** The standard variables `OTEL_…`. */
  env: NodeJS.ProcessEnv;
  /** Name and instance of the agent. */
  agent: string;
  instance: string;
  version: string;
  logger: Logger;
}

/** Never throws: an agent whose traces cannot be exported works all the same. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { env, logger } = options;
  const { settings, problems } = readTracingSettings(env);
  for (const problem of problems) logger.warn(problem);
  if (settings === undefined) return passedOn;
  try {
    const { startOtlpTracing } = await import('./tracing/otlp-tracing.ts');
    return startOtlpTracing({ ...options, ...settings });
  } catch (error) {
    logger.error('Traces cannot be exported by this process.', { error });
    return passedOn;
  }
}

/** Who records nothing leaves the caller's trace as it is; a span of its own would be one that nobody can look up. */
const passedOn: Tracing = {
  startCall(_callId, { traceparent, tracestate }) {
    const parent = parseTraceparent(traceparent);
    const context = parent ?? newTrace();
    const state = parent === undefined ? undefined : cleanTracestate(tracestate);
    const headers = { traceparent: traceparentOf(context), ...(state !== undefined && { tracestate: state }) };
    const request: RequestTrace = { headers, end: () => undefined };
    return { traceId: context.traceId, request: () => request, end: () => undefined };
  },
  close: () => Promise.resolve(),
};
