// The agent's Prometheus metrics; names, labels and nothing secret.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { authStatuses, type AuthStatus } from '../shared/contract/auth-state.ts';

export interface Metrics {
  callFinished(call: { server: string; tool: string; outcome: string; seconds: number }): void;
  refreshFinished(outcome: 'ok' | 'failed'): void;
  handOffFinished(outcome: string): void;
  authStatus(status: AuthStatus): void;
  busConnected(connected: boolean): void;
  text(): Promise<string>;
}

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const calls = new Counter({
    name: 'rockbot_tool_calls_total',
    help: 'Tool calls by server, tool and outcome.',
    labelNames: ['server', 'tool', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'rockbot_tool_call_duration_seconds',
    help: 'Duration of tool calls.',
    labelNames: ['server'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
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
  const auth = new Gauge({
    name: 'rockbot_auth_status',
    help: '1 for the status the connection is in.',
    labelNames: ['status'],
    registers,
  });
  const bus = new Gauge({ name: 'rockbot_bus_connected', help: '1 while connected to NATS.', registers });
  const build = new Gauge({
    name: 'rockbot_build_info',
    help: 'Version of the agent.',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
  return {
    callFinished({ server, tool, outcome, seconds }) {
      calls.inc({ server, tool, outcome });
      durations.observe({ server }, seconds);
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
    text: () => registry.metrics(),
  };
}
