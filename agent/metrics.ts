// The agent's Prometheus metrics; names, labels and nothing secret. docs/observability.md lists them.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { authStatuses, type AuthState, type AuthStatus } from '../shared/contract/auth-state.ts';
import { refusalReasons } from '../shared/errors/error-code.ts';
import { addProcessMetrics } from './metrics/process-metrics.ts';
import { addGauge } from './metrics/read-at-scrape.ts';
import { addPatrolMetrics } from './metrics/patrol-metrics.ts';
import { addServerMetrics, type ServerFacts } from './metrics/server-metrics.ts';
import type { PatrolsFacts } from './patrols/patrol-facts.ts';
import { webhookOutcomes, type WebhookOutcome } from './webhook/webhook-outcome.ts';

export interface Metrics {
  /** `server` and `tool` are empty when a caller made them up. */
  callFinished(call: { server: string; tool: string; outcome: string; seconds: number }): void;
  callRetried(call: { server: string; reason: string }): void;
  refreshFinished(outcome: 'ok' | 'failed'): void;
  handOffFinished(outcome: string): void;
  authStatus(status: AuthStatus): void;
  busConnected(connected: boolean): void;
  volumeWritable(writable: boolean): void;
  auditLinesLost(count: number): void;
  webhookDelivery(outcome: WebhookOutcome): void;
  /** `count`: occurrences of a row that was skipped, otherwise 1. */
  patrolEnded(ended: { patrol: string; status: string; count: number }): void;
  /** What is read when metrics are asked for; there is nothing to read before. */
  readFrom(sources: MetricSources): void;
  text(): Promise<string>;
}

export interface MetricSources {
  servers: () => readonly ServerFacts[];
  /** True for a tool that a server has. */
  knows: (server: string, tool: string) => boolean;
  auth: () => Pick<AuthState, 'accessTokenExpiresAt' | 'lastRefreshAt' | 'endsAt'>;
  /** Undefined before they were read. */
  patrols?: () => PatrolsFacts | undefined;
}

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let sources: MetricSources | undefined;
  const calls = new Counter({
    name: 'rockbot_tool_calls_total',
    help: 'Tool calls by server, tool and outcome.',
    labelNames: ['server', 'tool', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'rockbot_tool_call_duration_seconds',
    help: 'Duration of tool calls, with waiting and further tries.',
    labelNames: ['server'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    registers,
  });
  const retries = new Counter({
    name: 'rockbot_call_retries_total',
    help: 'Requests that were sent once more, by what made the one before useless.',
    labelNames: ['server', 'reason'],
    registers,
  });
  const denials = new Counter({
    name: 'rockbot_guard_denials_total',
    help: 'Calls that filters or guards of mcp.json turned away.',
    labelNames: ['server'],
    registers,
  });
  const refreshes = new Counter({
    name: 'rockbot_token_refreshes_total',
    help: 'Token requests to Entra by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const handOffs = new Counter({
    name: 'rockbot_hand_offs_total',
    help: 'Received hand-offs by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  // From the start, so that the first one is an increase.
  for (const outcome of ['ok', ...refusalReasons, 'internal']) handOffs.inc({ outcome }, 0);
  const auth = new Gauge({
    name: 'rockbot_auth_status',
    help: '1 for the status the connection is in.',
    labelNames: ['status'],
    registers,
  });
  const bus = new Gauge({ name: 'rockbot_bus_connected', help: '1 while connected to NATS.', registers });
  const volume = new Gauge({
    name: 'rockbot_volume_writable',
    help: '1 while the volume of the agent can be written to.',
    registers,
  });
  // The start has looked for itself.
  volume.set(1);
  const auditLost = new Counter({
    name: 'rockbot_audit_lines_lost_total',
    help: 'Lines that could not be written to the audit log.',
    registers,
  });
  const time = (at: string | undefined): number | undefined => (at === undefined ? undefined : Date.parse(at) / 1000);
  addGauge(
    registry,
    {
      name: 'rockbot_access_token_expiry_timestamp_seconds',
      help: 'When the access token expires, in seconds since the epoch.',
    },
    () => time(sources?.auth().accessTokenExpiresAt),
  );
  addGauge(
    registry,
    {
      name: 'rockbot_token_last_refresh_timestamp_seconds',
      help: 'When a token was last refreshed, in seconds since the epoch.',
    },
    () => time(sources?.auth().lastRefreshAt),
  );
  addGauge(
    registry,
    {
      name: 'rockbot_auth_expected_end_timestamp_seconds',
      help: 'When the sign-in is expected to end by itself, in seconds since the epoch; absent while that is not known.',
    },
    () => time(sources?.auth().endsAt?.at),
  );
  addGauge(
    registry,
    {
      name: 'rockbot_auth_ending_soon',
      help: '1 while it is time to sign in again before the sign-in ends by itself.',
    },
    () => (sources === undefined ? undefined : Number(sources.auth().endsAt?.soon === true)),
  );
  const webhooks = new Counter({
    name: 'rockbot_webhook_deliveries_total',
    help: 'Deliveries to the webhook of the operator by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of webhookOutcomes) webhooks.inc({ outcome }, 0);
  const build = new Gauge({
    name: 'rockbot_build_info',
    help: 'Version of the agent.',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
  addServerMetrics(registry, () => sources?.servers() ?? []);
  const patrols = addPatrolMetrics(registry, () => sources?.patrols?.());
  addProcessMetrics(registry);
  return {
    callFinished({ server, tool, outcome, seconds }) {
      calls.inc({ server, tool, outcome });
      durations.observe({ server }, seconds);
      if (outcome === 'guard_denied') denials.inc({ server });
    },
    callRetried: ({ server, reason }) => {
      retries.inc({ server, reason });
    },
    refreshFinished: (outcome) => {
      refreshes.inc({ outcome });
    },
    handOffFinished: (outcome) => {
      handOffs.inc({ outcome });
    },
    authStatus(status) {
      for (const candidate of authStatuses) auth.set({ status: candidate }, candidate === status ? 1 : 0);
    },
    busConnected: (connected) => {
      bus.set(connected ? 1 : 0);
    },
    volumeWritable: (writable) => {
      volume.set(writable ? 1 : 0);
    },
    auditLinesLost: (count) => {
      auditLost.inc(count);
    },
    webhookDelivery: (outcome) => {
      webhooks.inc({ outcome });
    },
    patrolEnded: patrols.ended,
    readFrom(given) {
      sources = given;
    },
    async text() {
      if (sources !== undefined) await forgetGone(sources);
      await patrols.forgetGone();
      return registry.metrics();
    },
  };

  /** Series of servers and tools that are gone, also those that a call brought back which ended later. */
  async function forgetGone({ servers, knows }: MetricSources): Promise<void> {
    const states = new Map(servers().map(({ name, state }) => [name, state]));
    const names = new Set(['', ...states.keys()]);
    for (const { labels } of (await calls.get()).values) {
      const { server = '', tool = '' } = labels;
      // Until a server has listed its tools, as after a change of its entry, nobody knows which of them are gone.
      const isGoneTool = tool !== '' && states.get(`${server}`) === 'ready' && !knows(`${server}`, `${tool}`);
      if (!names.has(`${server}`) || isGoneTool) calls.remove(labels);
    }
    for (const counter of [retries, denials])
      for (const { labels } of (await counter.get()).values) if (!names.has(`${labels.server}`)) counter.remove(labels);
    const observed = new Set((await durations.get()).values.map(({ labels }) => `${labels.server}`));
    for (const server of observed) if (!names.has(server)) durations.remove({ server });
  }
}
