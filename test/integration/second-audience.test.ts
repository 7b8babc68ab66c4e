// The Agent 365 catalogue with an audience for each server, beside the single endpoint: one consent, one cache, one refresh token.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const mailAudience = '16b1878d-62c7-4009-aa25-68989d63bbad';
const calendarAudience = '910333d2-47e9-43ca-981f-6df2f4531ef4';
const week = { startDateTime: '2020-01-01T00:00:00Z', endDateTime: '2040-01-01T00:00:00Z', top: 2 };

let stack: Stack;

before(async () => {
  stack = await startStack({
    entra: { accessTokenLifeSeconds: 5, refreshInSeconds: 2 },
    servers: ({ mcpUrl, mailUrl, calendarUrl }) => ({
      workiq: { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } },
      mail: { type: 'http', url: mailUrl, auth: { profile: 'mail' } },
      calendar: { type: 'http', url: calendarUrl, auth: { profile: 'calendar' } },
    }),
  });
  await stack.restartAgent({
    env: {
      Auth__Profiles__mail__Scopes: `${mailAudience}/Tools.ListInvoke.All`,
      Auth__Profiles__mail__AllowedOrigins: stack.workiq.origin,
      Auth__Profiles__calendar__Scopes: `${calendarAudience}/Tools.ListInvoke.All`,
      Auth__Profiles__calendar__AllowedOrigins: stack.workiq.origin,
    },
  });
  await stack.connect();
});

after(() => stack[Symbol.asyncDispose]());

async function callAll(): Promise<void> {
  await Promise.all([
    stack.call('fetch', { entityUrls: ['/me?$select=id'] }),
    stack.call('SearchMessagesQueryParameters', { queryParameters: '?$top=2' }, { server: 'mail' }),
    stack.call('ListCalendarView', week, { server: 'calendar' }),
  ]);
}

async function audiences(): Promise<Record<string, string[]>> {
  const seen = new Map<string, Set<string>>();
  for (const { endpoint, authorization } of await stack.workiq.control.rawAuthorizations()) {
    const claims = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as {
      aud: string;
    };
    seen.set(endpoint, (seen.get(endpoint) ?? new Set()).add(claims.aud));
  }
  return Object.fromEntries([...seen].map(([endpoint, found]) => [endpoint, [...found]]));
}

/** All that were seen so far, by endpoint. */
async function bearers(): Promise<Record<string, Set<string>>> {
  const seen = Object.groupBy(await stack.workiq.control.rawAuthorizations(), ({ endpoint }) => endpoint);
  return Object.fromEntries(
    Object.entries(seen).map(([endpoint, all = []]) => [
      endpoint,
      new Set(all.map(({ authorization }) => authorization)),
    ]),
  );
}

describe('second audience', () => {
  test('second audience - three audiences are served after one consent, each server by its own and no other', async () => {
    await callAll();
    assert.deepEqual(await audiences(), {
      mcp: ['api://workiq.svc.cloud.microsoft'],
      mcp_MailTools: [mailAudience],
      mcp_CalendarTools: [calendarAudience],
    });
  });

  test('second audience - all of them refresh by themselves, also after a restart from the one cache [S2]', async () => {
    await stack.restartAgent();
    const before = await bearers();
    assert.equal(Object.keys(before).length, 3);
    await until(
      'each server has seen two more bearers',
      async () => {
        await callAll();
        const now = await bearers();
        return Object.entries(before).every(([endpoint, seen]) => (now[endpoint]?.size ?? 0) >= seen.size + 2);
      },
      { timeoutMs: 60_000, everyMs: 250 },
    );
    const { state } = await stack.ui.request('authProfile', {});
    assert.equal(state.status, 'connected');
    assert.deepEqual(
      Object.values(await audiences()).map((found) => found.length),
      [1, 1, 1],
    );
  });
});
