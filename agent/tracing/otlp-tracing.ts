// Records the spans of calls and exports them over OTLP/HTTP. Loaded only when an endpoint is set. A span holds names, codes and
// times; never arguments, results, paths, headers or users.
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { HttpRequest } from '../bridge/call-observer.ts';
import { endedWithin } from '../../shared/deadline.ts';
import { redactedExcerpt } from '../../shared/redaction.ts';
import { cleanTracestate, maxTracestateLength, parseTraceparent } from '../../shared/trace-context.ts';
import type { CallTrace, IncomingTrace, RequestTrace, Tracing, TracingOptions } from '../tracing.ts';
import { ReportedExporter } from './reported-exporter.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** Milliseconds for the last spans when the agent stops. */
const closeDeadlineMs = 1_000;
/** Milliseconds for which spans are collected. */
const batchDelayMs = 1_000;

export function startOtlpTracing(options: TracingOptions & TracingSettings): Tracing {
  const { agent, instance, version, logger, origin } = options;
  const own = resourceFromAttributes({
    'service.name': 'rockbot-agent',
    'service.version': version,
    'service.instance.id': instance,
    'rockbot.agent': agent,
  });
  const detected = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] });
  const exporter = new ReportedExporter({ exporter: new OTLPTraceExporter(), origin, logger });
  const provider = new TracerProvider({
    resource: defaultResource().merge(own).merge(detected),
    sampler: createSampler(options),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: batchDelayMs })],
  });
  const tracer = provider.getTracer('rockbot-agent', version);
  logger.info('Traces are exported.', { origin, protocol: 'http/json', sampler: options.sampler });
  return {
    startCall: (callId, incoming) => startCall(tracer, callId, incoming),
    close: () => endedWithin(closeDeadlineMs, provider.shutdown()),
  };
}

function createSampler({ sampler, ratio }: TracingSettings): Sampler {
  const [, parentBased, name] = /^(parentbased_)?(.*)$/.exec(sampler) ?? [];
  const root =
    name === 'always_off'
      ? new AlwaysOffSampler()
      : name === 'traceidratio'
        ? new TraceIdRatioBasedSampler(ratio)
        : new AlwaysOnSampler();
  return parentBased === undefined ? root : new ParentBasedSampler({ root });
}

function startCall(tracer: Tracer, callId: string, incoming: IncomingTrace): CallTrace {
  const attributes: Attributes = {
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'messaging.system': 'nats',
    'rockbot.call_id': clean(callId),
  };
  const span = tracer.startSpan('tools/call', { kind: SpanKind.SERVER, attributes }, contextOf(incoming));
  const context = trace.setSpan(ROOT_CONTEXT, span);
  let requests = 0;
  return {
    traceId: span.spanContext().traceId,
    request: (http) => startRequest(tracer, context, { callId, http, resends: requests++ }),
    end({ server, tool, outcome, isKnownTool }) {
      // A tool that nobody has is a name that the caller made up; names of spans are bounded in number.
      if (isKnownTool) span.updateName(`tools/call ${clean(tool)}`);
      span.setAttributes({
        'gen_ai.tool.name': clean(tool),
        'rockbot.server': clean(server),
        'rockbot.outcome': outcome,
      });
      if (outcome !== 'ok' && outcome !== 'partial') fail(span, outcome);
      span.end();
    },
  };
}

function startRequest(
  tracer: Tracer,
  parent: Context,
  { callId, http, resends }: { callId: string; http: HttpRequest | undefined; resends: number },
): RequestTrace {
  const attributes: Attributes = {
    'mcp.method.name': 'tools/call',
    'rockbot.call_id': clean(callId),
    ...(http !== undefined && httpAttributes(http)),
    ...(http !== undefined && resends > 0 && { 'http.request.resend_count': resends }),
  };
  const name = http?.method ?? 'tools/call';
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  return {
    headers: headersOf(span.spanContext()),
    end({ status, errorType }) {
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
      const type = errorType ?? (status !== undefined && status >= 400 ? String(status) : undefined);
      if (type !== undefined) fail(span, type);
      span.end();
    },
  };
}

/** Not the path: it may name a tenant, and has parts that variables filled in. */
function httpAttributes({ url, method }: HttpRequest): Attributes {
  return {
    'http.request.method': method,
    'url.scheme': url.protocol.slice(0, -1),
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
}

function contextOf({ traceparent, tracestate }: IncomingTrace): Context {
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = parent;
  const state = cleanTracestate(tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  });
}

function headersOf({ traceId, spanId, traceFlags, traceState }: SpanContext): Record<string, string> {
  const state = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    ...(state !== '' && state.length <= maxTracestateLength && { tracestate: state }),
  };
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
}

/** Names in strangers' words. */
function clean(name: string): string {
  return redactedExcerpt(name, 128);
}
