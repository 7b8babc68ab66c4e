// The metrics of the agent: what a scrape holds, and that its series are bounded by what there is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMetrics, type Metrics, type MetricSources } from '../../agent/metrics.ts';
import type { ServerFacts } from '../../agent/metrics/server-metrics.ts';
import { refusalReasons } from '../../shared/errors/error-code.ts';
import { parsePrometheusText, type PrometheusMetrics } from '../support/prometheus-text.ts';

const limits = { running: 2, waiting: 3, callsToday: 4 };
const scrape = async (metrics: Metrics): Promise<PrometheusMetrics> => parsePrometheusText(await metrics.text());

function metricsOf(servers: ServerFacts[], sources: Partial<MetricSources> = {}): Metrics {
  const metrics = createMetrics('1.2.3');
  metrics.readFrom({ servers: () => servers, knows: () => true, auth: () => ({}), ...sources });
  return metrics;
}

const ok = (server: string, tool: string) => ({ server, tool, outcome: 'ok', seconds: 0.2 });

describe('metrics', () => {
  test('metrics - a scrape before anything is there is well-formed, and has no times and no servers', async () => {
    const { samples, value } = await scrape(createMetrics('1.2.3'));
    assert.equal(value('rockbot_build_info', { version: '1.2.3' }), 1);
    assert.equal(value('rockbot_audit_lines_lost_total'), 0);
    assert.equal(value('rockbot_access_token_expiry_timestamp_seconds'), undefined);
    assert.deepEqual(
      samples.filter(({ labels }) => 'server' in labels),
      [],
    );
  });

  test('metrics - refused hand-offs are counted from 0 on, so that the first one is an increase', async () => {
    const metrics = createMetrics('1.2.3');
    for (const outcome of ['ok', ...refusalReasons, 'internal'])
      assert.equal((await scrape(metrics)).value('rockbot_hand_offs_total', { outcome }), 0, outcome);
    metrics.handOffFinished('signer');
    assert.equal((await scrape(metrics)).value('rockbot_hand_offs_total', { outcome: 'signer' }), 1);
  });

  test('metrics - a server has its queue, its state and, where it is limited, its budget', async () => {
    const { value } = await scrape(
      metricsOf([
        { name: 'metered', state: 'ready', limits: { ...limits, callsPerDay: 10 } },
        { name: 'free', state: 'unavailable', limits },
        { name: 'wrong', state: 'invalid' },
      ]),
    );
    assert.equal(value('rockbot_server_calls_running', { server: 'free' }), 2);
    assert.equal(value('rockbot_server_calls_waiting', { server: 'free' }), 3);
    assert.equal(value('rockbot_call_budget_used', { server: 'metered' }), 4);
    assert.equal(value('rockbot_call_budget_limit', { server: 'metered' }), 10);
    assert.equal(value('rockbot_call_budget_used', { server: 'free' }), undefined);
    assert.equal(value('rockbot_server_state', { server: 'free', state: 'unavailable' }), 1);
    assert.equal(value('rockbot_server_state', { server: 'free', state: 'ready' }), 0);
    assert.equal(value('rockbot_server_state', { server: 'wrong', state: 'invalid' }), 1);
    assert.equal(value('rockbot_server_calls_running', { server: 'wrong' }), undefined);
  });

  test('metrics - a profile with a budget has it once, however many servers use it', async () => {
    const shared = [{ kind: 'profile', of: 'workiq', callsToday: 7, callsPerDay: 20 }];
    const inherited = [{ kind: 'server', of: 'a', callsToday: 5, callsPerDay: 9 }];
    const { samples, value } = await scrape(
      metricsOf([
        { name: 'a', state: 'ready', limits: { ...limits, shared } },
        { name: 'b', state: 'ready', limits: { ...limits, shared: [...inherited, ...shared] } },
        { name: 'c', state: 'ready', limits: { ...limits, shared: [{ kind: 'profile', of: 'mail', callsToday: 1 }] } },
      ]),
    );
    assert.equal(value('rockbot_profile_call_budget_used', { profile: 'workiq' }), 7);
    assert.equal(value('rockbot_profile_call_budget_limit', { profile: 'workiq' }), 20);
    assert.equal(samples.filter(({ labels }) => 'profile' in labels).length, 2);
  });

  test('metrics - a denied call counts among the calls and the denials, a retry by its reason', async () => {
    const metrics = metricsOf([{ name: 'a', state: 'ready' }]);
    metrics.callFinished({ server: 'a', tool: 'fetch', outcome: 'guard_denied', seconds: 0.001 });
    metrics.callRetried({ server: 'a', reason: 'unauthorized' });
    metrics.auditLinesLost(3);
    const { value } = await scrape(metrics);
    assert.equal(value('rockbot_tool_calls_total', { server: 'a', tool: 'fetch', outcome: 'guard_denied' }), 1);
    assert.equal(value('rockbot_guard_denials_total', { server: 'a' }), 1);
    assert.equal(value('rockbot_call_retries_total', { server: 'a', reason: 'unauthorized' }), 1);
    assert.equal(value('rockbot_tool_call_duration_seconds_bucket', { server: 'a', le: '0.01' }), 1);
    assert.equal(value('rockbot_audit_lines_lost_total'), 3);
  });

  test('metrics - servers and tools that are gone lose their series, also when a call of theirs ends later', async () => {
    const servers: ServerFacts[] = [
      { name: 'stays', state: 'ready', limits },
      { name: 'goes', state: 'ready', limits },
    ];
    const tools = new Set(['fetch', 'old']);
    const metrics = metricsOf(servers, { knows: (_server, tool) => tools.has(tool) });
    const use = (): void => {
      for (const { name } of [...servers, { name: 'goes' }]) {
        metrics.callFinished(ok(name, 'fetch'));
        metrics.callFinished(ok(name, 'old'));
        metrics.callFinished({ ...ok(name, 'fetch'), outcome: 'guard_denied' });
        metrics.callRetried({ server: name, reason: 'throttled' });
      }
      metrics.callFinished({ server: '', tool: '', outcome: 'tool_not_found', seconds: 0 });
    };
    use();
    assert.match(await metrics.text(), /server="goes"/);
    servers.pop();
    tools.delete('old');
    use();
    const { samples, value } = await scrape(metrics);
    assert.deepEqual(
      samples.filter(({ labels }) => labels['server'] === 'goes' || labels['tool'] === 'old'),
      [],
    );
    assert.equal(value('rockbot_tool_calls_total', { server: 'stays', tool: 'fetch', outcome: 'ok' }), 2);
    assert.equal(value('rockbot_tool_calls_total', { server: '', outcome: 'tool_not_found' }), 2);
  });

  test('metrics - a server that has not listed its tools again yet keeps what was counted of them', async () => {
    const server: ServerFacts = { name: 'a', state: 'ready' };
    let tools = ['fetch'];
    const metrics = metricsOf([server], { knows: (_server, tool) => tools.includes(tool) });
    const counted = async (): Promise<number | undefined> =>
      (await scrape(metrics)).value('rockbot_tool_calls_total', { server: 'a', tool: 'fetch', outcome: 'ok' });
    metrics.callFinished(ok('a', 'fetch'));
    tools = [];
    for (const state of ['connecting', 'auth_required', 'unavailable', 'disabled']) {
      server.state = state;
      assert.equal(await counted(), 1, state);
    }
    server.state = 'ready';
    assert.equal(await counted(), undefined);
  });

  test('metrics - times of the token are there while there is one', async () => {
    let auth: ReturnType<MetricSources['auth']> = {
      accessTokenExpiresAt: '2026-01-01T01:00:00.000Z',
      lastRefreshAt: '2026-01-01T00:00:00.000Z',
    };
    const metrics = metricsOf([], { auth: () => auth });
    const connected = await scrape(metrics);
    assert.equal(connected.value('rockbot_access_token_expiry_timestamp_seconds'), 1_767_229_200);
    assert.equal(connected.value('rockbot_token_last_refresh_timestamp_seconds'), 1_767_225_600);
    auth = {};
    const gone = await scrape(metrics);
    assert.equal(gone.value('rockbot_access_token_expiry_timestamp_seconds'), undefined);
    assert.equal(gone.value('rockbot_token_last_refresh_timestamp_seconds'), undefined);
  });

  test('metrics - names with quotes, line breaks and commas stay one label each', async () => {
    const name = 'a"b\\c\nd,e="f"} 7';
    const metrics = metricsOf([{ name, state: 'ready', limits }]);
    metrics.callFinished(ok(name, '__proto__'));
    const { value } = await scrape(metrics);
    assert.equal(value('rockbot_tool_calls_total', { server: name, tool: '__proto__' }), 1);
    assert.equal(value('rockbot_server_calls_running', { server: name }), 2);
  });

  test('metrics - counters of the process do not fall from one scrape to the next', async () => {
    const metrics = metricsOf([]);
    const [earlier, later] = [await scrape(metrics), await scrape(metrics)];
    for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_active_seconds_total'])
      assert.ok((later.value(name) ?? -1) >= (earlier.value(name) ?? Infinity), name);
    assert.ok((later.value('process_resident_memory_bytes') ?? 0) > 1_000_000);
  });
});
