// OpenTelemetry's variables: when traces are exported, and that nothing wrong in them stops the agent or repeats a credential.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTracingSettings } from '../../agent/tracing/tracing-settings.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('tracing settings', () => {
  for (const [what, env] of [
    ['nothing is set', {}],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['the SDK is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }],
    ['another signal is wanted only', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }],
    ['only metrics have an endpoint', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318' }],
  ] as const) {
    test(`tracing settings - nothing is exported and nothing said when ${what}`, () => {
      assert.deepEqual(readTracingSettings(env), { settings: undefined, problems: [] });
    });
  }

  test('tracing settings - an endpoint alone exports what callers record and what nobody decided', () => {
    assert.deepEqual(readTracingSettings(endpoint), {
      settings: { origin: 'http://collector:4318', sampler: 'parentbased_always_on', ratio: 1 },
      problems: [],
    });
  });

  test('tracing settings - the endpoint of traces wins, and what is logged of it has neither user nor path', () => {
    const { settings } = readTracingSettings({
      ...endpoint,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://user:canary@traces.example/tenant/canary',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    assert.deepEqual(settings, { origin: 'https://traces.example', sampler: 'traceidratio', ratio: 0.25 });
  });

  test('tracing settings - what is no address is told without repeating it', () => {
    for (const address of ['canary', 'grpc://canary:4317']) {
      const { settings, problems } = readTracingSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: address });
      assert.equal(settings, undefined);
      assert.match(problems.join(), /^OTEL_EXPORTER_OTLP_ENDPOINT (?!.*canary)/);
    }
  });

  test('tracing settings - an unknown sampler, a wrong ratio and grpc are told, and export goes on', () => {
    const { settings, problems } = readTracingSettings({
      ...endpoint,
      OTEL_TRACES_SAMPLER: 'xray',
      OTEL_TRACES_SAMPLER_ARG: '7',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    assert.partialDeepStrictEqual(settings, { sampler: 'parentbased_always_on', ratio: 1 });
    assert.equal(problems.length, 3);
  });
});
