// Gauges of the MCP servers, read from the bridge when they are asked for, so that a server that is gone has none.
import type { Registry } from 'prom-client';
import { serverStates } from '../../shared/contract/tool-messages.ts';
import { addLabelledGauge } from './read-at-scrape.ts';

interface SharedFacts {
  kind: string;
  of: string;
  callsToday: number;
  callsPerDay?: number | undefined;
}

export interface ServerFacts {
  name: string;
  state: string;
  limits?:
    | {
        running: number;
        waiting: number;
        callsToday: number;
        callsPerDay?: number | undefined;
        shared?: readonly SharedFacts[] | undefined;
      }
    | undefined;
}

const gauges: readonly { name: string; help: string; read: (server: ServerFacts) => number | undefined }[] = [
  {
    name: 'rockbot_server_calls_running',
    help: 'Calls that a server is working on.',
    read: ({ limits }) => limits?.running,
  },
  {
    name: 'rockbot_server_calls_waiting',
    help: 'Calls that wait for their turn.',
    read: ({ limits }) => limits?.waiting,
  },
  {
    name: 'rockbot_call_budget_used',
    help: 'Calls of this UTC day, of servers with limits.callsPerDay.',
    read: ({ limits }) => (limits?.callsPerDay === undefined ? undefined : limits.callsToday),
  },
  {
    name: 'rockbot_call_budget_limit',
    help: 'Calls that a server may get in one UTC day.',
    read: ({ limits }) => limits?.callsPerDay,
  },
];

export function addServerMetrics(registry: Registry, servers: () => readonly ServerFacts[]): void {
  for (const { read, ...described } of gauges) {
    addLabelledGauge(registry, { ...described, labelNames: ['server'] }, () =>
      servers().flatMap((server) => {
        const value = read(server);
        return value === undefined ? [] : [{ labels: { server: server.name }, value }];
      }),
    );
  }
  for (const { read, ...described } of profileGauges) {
    addLabelledGauge(registry, { ...described, labelNames: ['profile'] }, () =>
      [...profilesOf(servers())].map(([profile, facts]) => ({ labels: { profile }, value: read(facts) })),
    );
  }
  const state = { name: 'rockbot_server_state', help: '1 for the state that a server is in.' };
  addLabelledGauge(registry, { ...state, labelNames: ['server', 'state'] }, () =>
    servers().flatMap((server) =>
      serverStates.map((candidate) => ({
        labels: { server: server.name, state: candidate },
        value: candidate === server.state ? 1 : 0,
      })),
    ),
  );
}

type BudgetFacts = SharedFacts & { callsPerDay: number };

const profileGauges: readonly { name: string; help: string; read: (profile: BudgetFacts) => number }[] = [
  {
    name: 'rockbot_profile_call_budget_used',
    help: 'Calls of this UTC day of all servers that use a profile, of profiles with CallsPerDay.',
    read: ({ callsToday }) => callsToday,
  },
  {
    name: 'rockbot_profile_call_budget_limit',
    help: 'Calls that all servers of a profile may get together in one UTC day.',
    read: ({ callsPerDay }) => callsPerDay,
  },
];

/** Each of its servers tells the same of a profile. */
function profilesOf(servers: readonly ServerFacts[]): Map<string, BudgetFacts> {
  const shared = servers.flatMap(({ limits }) => limits?.shared ?? []);
  return new Map(
    shared.flatMap((facts) => {
      const { kind, of, callsPerDay } = facts;
      return kind === 'profile' && callsPerDay !== undefined ? [[of, { ...facts, callsPerDay }]] : [];
    }),
  );
}
