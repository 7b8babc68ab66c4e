// A user of the bus who registers servers: the operator's guards, filters and budgets hold for them, too, and the audit log stays.
import assert from 'node:assert/strict';
import { readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { tapBus } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;

before(async () => {
  stack = await startStack({
    workiq: { mutations: 'allowed' },
    agentEnv: { WorkIQ__CallsPerDay: '40', WorkIQ__CallsPerDayPerCaller: '39' },
    servers: ({ mcpUrl }) => ({
      guarded: {
        type: 'http',
        url: mcpUrl,
        auth: { profile: 'workiq' },
        guards: 'read-only',
        limits: { callsPerDay: 6 },
      },
    }),
  });
  await stack.connect();
});

after(() => stack[Symbol.asyncDispose]());

const me = { entityUrls: ['/me?$select=id'] };
const draft = { parentUrl: '/me/messages', jsonBody: '{"subject":"never"}' };
const configPath = (): string => join(stack.agent.dataDir, 'mcp.json');

async function list(): Promise<{ servers: ListedServer[]; problems: string[] }> {
  return stack.ui.request('toolList', {});
}

async function listed(name: string): Promise<ListedServer> {
  const found = (await list()).servers.find((server) => server.name === name);
  assert.ok(found);
  return found;
}

function register(name: string, entry: object = {}): Promise<unknown> {
  const whole = { url: stack.workiq.mcpUrl, auth: { profile: 'workiq' }, ...entry };
  return stack.ui.request('mcpManage', { action: 'register', name, entry: whole });
}

describe('registered servers', () => {
  test('registered servers - a twin of a guarded server is guarded, whatever it says of itself', async () => {
    await register('twin', { guards: 'full' });
    await stack.call('fetch', me, { server: 'twin' });
    const denied = await failureOf(stack.call('create_entity', draft, { server: 'twin' }));
    assert.equal(denied.code, 'guard_denied');
    assert.match(denied.action ?? '', /the operator's entry "guarded" in mcp.json/);
    assert.deepEqual((await stack.workiq.control.snapshot()).sideEffects, []);
  });

  test("registered servers - their calls are taken from the operator's budget and from the profile's, and it is listed", async () => {
    const { limits } = await listed('twin');
    assert.deepEqual(limits?.shared, [
      { kind: 'server', of: 'guarded', callsPerDay: 6, callsToday: 1 },
      { kind: 'profile', of: 'workiq', callsPerDay: 40, callsPerDayPerCaller: 39, callsToday: 1 },
    ]);
    await register('other', { url: stack.workiq.mailUrl });
    for (const server of ['twin', 'guarded', 'twin', 'guarded', 'twin']) await stack.call('fetch', me, { server });
    for (const server of ['twin', 'guarded']) {
      const refused = await failureOf(stack.call('fetch', me, { server }));
      assert.equal(refused.code, 'throttled');
      assert.equal(refused.retryable, false);
      assert.match(refused.message, /The 6 calls of "guarded" for today are used up/);
    }
    await register('once-more');
    assert.equal((await failureOf(stack.call('fetch', me, { server: 'once-more' }))).code, 'throttled');
    const metrics = await (await fetch(`http://127.0.0.1:${stack.agent.httpPort}/metrics`)).text();
    assert.match(metrics, /rockbot_profile_call_budget_used\{profile="workiq"\} 6/);
    assert.match(metrics, /rockbot_profile_call_budget_limit\{profile="workiq"\} 40/);
  });

  test('registered servers - while the guards of the operator cannot be read, their twins stand still, too [P14]', async () => {
    const good = await readFile(configPath(), 'utf8');
    await writeFile(configPath(), good.replace('"read-only"', '"raed-only"'));
    await until('the twin stands still', async () => (await listed('twin')).state === 'invalid');
    assert.match((await listed('twin')).error?.message ?? '', /the operator's entry "guarded" restricts it/);
    await writeFile(configPath(), good);
    await until('the twin is back', async () => (await listed('twin')).state === 'ready');
  });

  test('registered servers - a file that is gone keeps what is in force, says so, and cannot be replaced over the bus', async () => {
    await rename(configPath(), `${configPath()}.aside`);
    await until('the loss is told', async () =>
      (await list()).problems.some((problem) => /mcp.json is gone/.test(problem)),
    );
    assert.equal((await listed('guarded')).state, 'ready');
    assert.equal((await failureOf(register('alone'))).code, 'execution_failed');
    await rename(`${configPath()}.aside`, configPath());
    await until('the file is back', async () => (await list()).problems.length === 0);
  });

  test('registered servers - mcp.json from a ConfigMap stays one', async () => {
    const aside = join(stack.agent.dataDir, 'elsewhere.json');
    await rename(configPath(), aside);
    await symlink('elsewhere.json', configPath());
    const refused = await failureOf(register('linked'));
    assert.equal(refused.code, 'forbidden');
    assert.match(refused.message, /symbolic link/);
    await rm(configPath());
    await rename(aside, configPath());
  });

  test('registered servers - a caller with long names does not wipe the audit log', async () => {
    const folder = join(stack.agent.dataDir, 'audit');
    await using tap = await tapBus(stack.nats.url);
    const endless = { callId: 'endless', server: 'twin', tool: 'y'.repeat(300_000), arguments: {} };
    const refused = await tap.request('tool.invoke.mcp.rockbot', endless);
    assert.equal((refused.json['error'] as { code: string }).code, 'invalid_request');
    const tool = 'x'.repeat(256);
    for (let call = 0; call < 10; call++) await failureOf(stack.call(tool, {}, { server: 'twin' }));
    await until(
      'the last call is there',
      async () => (await readFile(join(folder, 'audit.jsonl'), 'utf8')).split('"tool":"xxxx').length > 10,
    );
    assert.deepEqual(await readdir(folder), ['audit.jsonl']);
    assert.ok((await stat(join(folder, 'audit.jsonl'))).size < 200_000);
    assert.match(
      await readFile(join(folder, 'audit.jsonl'), 'utf8'),
      /"server":"twin","tool":"create_entity","outcome":"guard_denied"/,
    );
  });

  test('registered servers - budgets outlive a restart with a torn file', async () => {
    await stack.restartAgent();
    await writeFile(join(stack.agent.dataDir, 'call-budgets.json'), '{torn');
    await stack.restartAgent();
    await until('the server is ready', async () => (await listed('guarded')).state === 'ready');
    assert.equal((await failureOf(stack.call('fetch', me, { server: 'guarded' }))).code, 'throttled');
  });
});
