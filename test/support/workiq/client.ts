// The control of a simulator that runs as its own process, over its admin API. Same interface as in process.
import { z } from 'zod';
import type { WorkIqControl } from './control.ts';
import type { ArmedFault } from './faults.ts';
import type { RawAuthorization, SeenRequest, Snapshot } from './journal.ts';
import type { Settings } from './settings.ts';

/** `adminUrl` as the simulator printed it. Calls reject with the simulator's own message. */
export function connectWorkIqAdmin(adminUrl: string): WorkIqControl {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, adminUrl), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(z.object({ error: z.string() }).parse(answer).error);
    return answer;
  };
  const notified = z.object({ notified: z.number() });
  return {
    snapshot: async () => (await call('GET', '/state')) as Snapshot,
    requests: async () => (await call('GET', '/requests')) as SeenRequest[],
    rawAuthorizations: async () => (await call('GET', '/authorizations')) as RawAuthorization[],
    settings: async () => (await call('GET', '/settings')) as Settings,
    set: async (patch) => (await call('PATCH', '/settings', patch)) as Settings,
    inject: async (fault) => (await call('POST', '/faults', fault)) as ArmedFault,
    faults: async () => (await call('GET', '/faults')) as ArmedFault[],
    clearFaults: async (id) => void (await call('DELETE', id ? `/faults?id=${encodeURIComponent(id)}` : '/faults')),
    loseSessions: async () => z.object({ lost: z.number() }).parse(await call('POST', '/sessions/lose')).lost,
    changeTools: async (change) => notified.parse(await call('POST', '/tools', change)).notified,
    notify: async (method, params) => notified.parse(await call('POST', '/notify', { method, params })).notified,
    deliver: async (mail) => z.object({ id: z.string() }).parse(await call('POST', '/mail', mail)),
    reset: async () => void (await call('POST', '/reset')),
  };
}
