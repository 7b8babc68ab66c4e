// Several profiles of which one is not healthy: its tools are hidden by name, those of the others stay, and a sign-in brings all back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const mailAudience = '16b1878d-62c7-4009-aa25-68989d63bbad';
const calendarAudience = '910333d2-47e9-43ca-981f-6df2f4531ef4';
const stdioServer = new URL('../support/mcp/stdio-server.ts', import.meta.url).pathname;

let stack: Stack;

before(async () => {
  stack = await startStack({
    servers: ({ mcpUrl, mailUrl, calendarUrl }) => ({
      workiq: { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } },
      mail: { type: 'http', url: mailUrl, auth: { profile: 'mail' } },
      archive: { type: 'http', url: mailUrl, auth: { profile: 'mail' } },
      calendar: { type: 'http', url: calendarUrl, auth: { profile: 'calendar' } },
      plain: { type: 'stdio', command: process.execPath, args: [stdioServer] },
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

const week = { startDateTime: '2020-01-01T00:00:00Z', endDateTime: '2040-01-01T00:00:00Z', top: 2 };
const callMail = (server = 'mail'): Promise<unknown> =>
  stack.call('SearchMessagesQueryParameters', { queryParameters: '?$top=2' }, { server });

async function servers(): Promise<Record<string, ListedServer>> {
  const { servers: listed } = await stack.ui.request('toolList', {});
  return Object.fromEntries(listed.map((server) => [server.name, server]));
}

async function failureOf(call: Promise<unknown>): Promise<RockBotError | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => (error instanceof RockBotError ? error : assert.fail(String(error))),
  );
}

const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await servers()).map(([name, { state }]) => [name, state]));
const allReady = (): Promise<unknown> =>
  until('all servers are ready', async () => Object.values(await states()).every((state) => state === 'ready'));

test('profile health - a profile that Entra refuses hides the tools of all its servers, and of no other; a sign-in brings them back [S5]', async () => {
  await allReady();
  const names = (await servers())['mail']?.tools.map(({ name }) => name) ?? [];
  assert.ok(names.length > 3);

  await stack.entra.control.changeSettings({ consent: 'strict' });
  await stack.entra.control.revokeAccessTokens({});
  const refused = await failureOf(callMail());
  assert.equal(refused?.code, 'consent_required');
  assert.ok(
    refused.action?.includes(`/${stack.entra.tenantId}/adminconsent?client_id=${stack.entra.clientId}`),
    refused.action,
  );

  const listed = await servers();
  for (const name of ['mail', 'archive']) {
    const server = listed[name];
    assert.equal(server?.state, 'auth_required', name);
    assert.deepEqual(server.tools, []);
    assert.deepEqual(new Set(server.hidden.map((tool) => tool.name)), new Set(names), name);
    for (const { code, reason } of server.hidden) {
      assert.equal(code, 'auth_required');
      assert.match(reason, /consent/);
    }
    assert.equal((await failureOf(callMail(name)))?.code, 'consent_required');
  }
  assert.deepEqual([listed['workiq']?.state, listed['plain']?.state], ['ready', 'ready']);
  assert.equal(await failureOf(stack.call('fetch', { entityUrls: ['/me'] })), undefined);
  const { status } = await stack.ui.request('authState', {});
  assert.equal(status, 'connected');

  await stack.entra.control.changeSettings({ consent: 'granted' });
  await stack.connect();
  await allReady();
  assert.equal(await failureOf(callMail('archive')), undefined);
  assert.equal(await failureOf(stack.call('ListCalendarView', week, { server: 'calendar' })), undefined);
});

test('profile health - a profile that is refused heals by itself when the refusal is lifted, without a sign-in', async () => {
  await allReady();
  await stack.entra.control.changeSettings({ consent: 'strict' });
  await stack.entra.control.revokeAccessTokens({});
  assert.equal((await failureOf(callMail()))?.code, 'consent_required');
  await stack.entra.control.changeSettings({ consent: 'granted' });
  await allReady();
  assert.equal(await failureOf(callMail()), undefined);
});

test('profile health - a void sign-in hides the tools of every profile, and leaves servers without one alone [S5]', async () => {
  await allReady();
  await stack.entra.control.revokeRefreshTokens({ aadsts: 50173 });
  await stack.entra.control.revokeAccessTokens({});
  assert.equal((await failureOf(callMail()))?.code, 'auth_required');
  const listed = await servers();
  for (const name of ['workiq', 'mail', 'archive', 'calendar']) {
    assert.equal(listed[name]?.state, 'auth_required', name);
    assert.deepEqual(listed[name].tools, [], name);
    assert.ok(listed[name].hidden.length > 0, name);
    assert.ok(listed[name].hidden.every(({ code, name: tool }) => code === 'auth_required' && tool !== undefined));
  }
  assert.equal(listed['plain']?.state, 'ready');
  const refused = await failureOf(stack.call('ListCalendarView', week, { server: 'calendar' }));
  assert.equal(refused?.code, 'auth_required');
  assert.match(refused.action ?? '', /rockbot auth workiq/);

  await stack.connect();
  await allReady();
  assert.equal(await failureOf(callMail()), undefined);
});
