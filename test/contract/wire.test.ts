import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { assertGolden } from './golden.ts';

describe('wire', () => {
  let stack: Stack;
  let tap: BusTap;

  const ask = (subject: string, payload: object = {}): Promise<Awaited<ReturnType<BusTap['request']>>> =>
    tap.request(subject, payload);
  const invoke = (callId: string, tool: string, args: object): object => ({
    callId,
    server: 'workiq',
    tool,
    arguments: args,
  });

  before(async () => {
    stack = await startStack({ workiq: { askLatencyMs: 50, mutations: 'denied' } });
    tap = await tapBus(stack.nats.url);
  });
  after(async () => {
    await tap[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  test('wire - before the first consent', async () => {
    await assertGolden('profile.reply', (await ask('auth.workiq.profile.rockbot')).json);
    await assertGolden('state.not-connected', (await ask('auth.workiq.state.rockbot')).json);
    await until('the server is known to need a sign-in', async () =>
      /"state":"auth_required"/.test((await ask('tool.list.rockbot')).text),
    );
    await assertGolden('tool-list.auth-required', (await ask('tool.list.rockbot')).json);
    await assertGolden(
      'invoke.auth-required',
      (await ask('tool.invoke.mcp.rockbot', invoke('c0', 'fetch', { entityUrls: ['/me'] }))).json,
    );
    await assertGolden('disconnect.nothing', (await ask('auth.workiq.disconnect.rockbot')).json);
  });

  test('wire - the hand-off, its receipt and what is told of it', async () => {
    const receipt = await stack.connect();
    await assertGolden('hand-off.receipt', receipt);
    const handOff = tap.messages.find(({ subject }) => subject === 'auth.workiq.cache.rockbot');
    assert.deepEqual(Object.keys(JSON.parse(handOff?.text ?? '{}') as object), ['sealed']);
    assert.match(
      String((JSON.parse(handOff?.text ?? '{}') as { sealed?: string }).sealed),
      /^[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/,
    );
    const changed = await until('the change is told', () =>
      tap.messages.find(
        ({ subject, text }) => subject === 'auth.workiq.changed.rockbot' && text.includes('"connected"'),
      ),
    );
    await assertGolden('changed.event', { headers: changed.headers, payload: JSON.parse(changed.text) });
    await assertGolden('hand-off.refused', (await ask('auth.workiq.cache.rockbot', { sealed: 'no JWE' })).json);
  });

  test('wire - tools: list, call, progress, result, cancel, index', async () => {
    await until('the server is ready', async () => /"state":"ready"/.test((await ask('tool.list.rockbot')).text));
    const { servers, ...list } = (await ask('tool.list.rockbot')).json as { servers: { tools: unknown[] }[] };
    await assertGolden('tool-list.ready', {
      ...list,
      servers: servers.map((server) => ({ ...server, tools: server.tools.slice(0, 1) })),
    });
    const called = await tap.request(
      'tool.invoke.mcp.rockbot',
      invoke('c1', 'fetch', { entityUrls: ['/me?$select=id,displayName'] }),
      { headers: { 'rb-source': 'golden', 'rb-correlation-id': 'together' } },
    );
    await assertGolden('invoke.reply', { headers: called.headers, payload: called.json });
    const result = await until('the result is told', () =>
      tap.on('tool.result.rockbot').find(({ callId }) => callId === 'c1'),
    );
    await assertGolden('result.event', result);
    await ask('tool.invoke.mcp.rockbot', invoke('c2', 'ask', { question: 'What is on today?' }));
    const progress = await until('progress is told', () =>
      tap.messages.find(({ subject }) => subject === 'tool.progress.rockbot.c2'),
    );
    await assertGolden('progress.event', { headers: progress.headers, payload: JSON.parse(progress.text) });
    await assertGolden('cancel.nothing', (await ask('tool.cancel.rockbot', { callId: 'c9' })).json);
    const indexed = await until('the index is told', () =>
      tap.on('tool.meta.mcp.rockbot').find((payload) => JSON.stringify(payload).includes('"fetch"')),
    );
    await assertGolden('indexed.event', indexed);
    const { servers: described } = (await ask('mcp.manage.rockbot', { action: 'details', name: 'workiq' })).json as {
      servers: { tools: unknown[] }[];
    };
    assert.equal(described[0]?.tools.length, 11);
    const status = await until('the heartbeat is heard', () => tap.on('agent.status.rockbot').at(-1), {
      timeoutMs: 15_000,
    });
    await assertGolden('status.event', { ...status, version: '<version>' });
  });

  test('wire - errors', async () => {
    const call = async (name: string, tool: string, args: object): Promise<void> => {
      await assertGolden(`error.${name}`, (await ask('tool.invoke.mcp.rockbot', invoke(`e-${name}`, tool, args))).json);
    };
    await call('tool-not-found', 'fetsh', {});
    await call('policy-denied', 'do_action', {
      actionUrl: '/me/sendMail',
      jsonBody: '{"message":{"subject":"x","toRecipients":[{"emailAddress":{"address":"rob@contoso.example"}}]}}',
    });
    await stack.workiq.control.inject({ kind: 'entitlement', times: 1 });
    await call('entitlement-required', 'fetch', { entityUrls: ['/me'] });
    await stack.workiq.control.inject({ kind: 'throttled', seconds: 90, times: 1 });
    await call('throttled', 'fetch', { entityUrls: ['/me'] });
    await stack.workiq.control.inject({ kind: 'drop', when: 'after', times: 1 });
    await call('outcome-unknown', 'create_entity', { parentUrl: '/me/messages', jsonBody: '{"subject":"x"}' });
    const version = await tap.request('auth.workiq.state.rockbot', {}, { headers: { 'rb-v': '2' } });
    await assertGolden('error.unsupported-version', version.json);
    await assertGolden('error.not-json', (await tap.request('auth.workiq.state.rockbot', '{')).json);
    await assertGolden(
      'error.invalid-request',
      (await ask('tool.invoke.mcp.rockbot', { callId: 'a.b', tool: '' })).json,
    );
    await stack.workiq.control.inject({ kind: 'huge-result', bytes: 2_000_000, times: 1 });
    await call('payload-too-large', 'fetch', { entityUrls: ['/me'] });
  });

  test('wire - the expired notice, and what a disconnect removes', async () => {
    await stack.entra.control.revokeRefreshTokens({ user: 'adele', aadsts: 50173 });
    await stack.entra.control.revokeAccessTokens({});
    await ask('tool.invoke.mcp.rockbot', invoke('x1', 'fetch', { entityUrls: ['/me'] }));
    const expired = await until('the notice is heard', () =>
      tap.messages.find(({ subject }) => subject === 'auth.workiq.expired.rockbot'),
    );
    await assertGolden('expired.event', { headers: expired.headers, payload: JSON.parse(expired.text) });
    await assertGolden('state.expired', (await ask('auth.workiq.state.rockbot')).json);
    await assertGolden('disconnect.reply', (await ask('auth.workiq.disconnect.rockbot')).json);
  });
});
