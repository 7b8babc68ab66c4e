// OpenTelemetry's standard variables as far as the agent itself reads them; the exporter reads the rest. What is wrong with them
// is a warning and no reason not to start: a cluster may set them for all its programs at once.
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/

export type SamplerName = (typeof samplerNames)[number];

export interface TracingSettings {
  /** Where traces go, without path and user, for the log. */
  origin: string;
  sampler: SamplerName;
  /** 0 to 1, for the samplers that take one. */
  ratio: number;
}

const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const defaultSampler: SamplerName = 'parentbased_always_on';

/** No settings: traces are not exported. No problem repeats an endpoint, which may hold a credential. */
export function readTracingSettings(env: NodeJS.ProcessEnv): {
  settings: TracingSettings | undefined;
  problems: string[];
} {
  const problems: string[] = [];
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const name =
    read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') === undefined
      ? 'OTEL_EXPORTER_OTLP_ENDPOINT'
      : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const endpoint = read(name);
  const isOff = read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || read('OTEL_TRACES_EXPORTER') === 'none';
  if (endpoint === undefined || isOff) return { settings: undefined, problems };
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    problems.push(`${name} is no http:// or https:// address; traces are not exported.`);
    return { settings: undefined, problems };
  }
  const protocol = read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol === 'grpc')
    problems.push('OTEL_EXPORTER_OTLP_PROTOCOL is grpc; traces are sent as http/json, most often to port 4318.');
  return { settings: { origin: new URL(endpoint).origin, ...readSampler(read, problems) }, problems };
}

function readSampler(
  read: (name: string) => string | undefined,
  problems: string[],
): Pick<TracingSettings, 'sampler' | 'ratio'> {
  const wanted = read('OTEL_TRACES_SAMPLER')?.toLowerCase() ?? defaultSampler;
  const sampler = samplerNames.find((name) => name === wanted);
  if (sampler === undefined)
    problems.push(`OTEL_TRACES_SAMPLER is none of ${samplerNames.join(', ')}; ${defaultSampler} is used.`);
  const ratio = Number(read('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  const isRatio = ratio >= 0 && ratio <= 1;
  if (!isRatio) problems.push('OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; 1 is used.');
  return { sampler: sampler ?? defaultSampler, ratio: isRatio ? ratio : 1 };
}
