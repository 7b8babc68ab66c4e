// The agent is told to stop in the middle of its work: everybody who waits is answered, readiness says so, and it ends within the
// grace period; told twice, it ends at once.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { tapBus } from '../support/bus-tap.ts';
import { startChild } from '../support/child.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const endless = 10;
const ending = 10;

const running = async (stack: Stack): Promise<number> =>
  (await stack.workiq.control.snapshot()).concurrentCalls.current;

/** `ok`, or the error. */
const outcomeOf = (call: Promise<unknown>): Promise<'ok' | RockBotError> =>
  call.then(
    () => 'ok' as const,
    (error: unknown) => {
      assert.ok(error instanceof RockBotError, String(error));
      return error;
    },
  );

test(`stopping - with ${endless + ending} calls under way each is answered, with its result or with what to do; exit code 0`, async () => {
  await using stack = await startStack({
    workiq: { askLatencyMs: 120_000 },
    servers: ({ mcpUrl }) => ({
      workiq: { type: 'http', url: mcpUrl, auth: { profile: 'workiq' }, limits: { concurrent: 64 } },
    }),
  });
  await using ears = await tapBus(stack.nats.url, { subjects: ['tool.result.*'] });
  await stack.connect();
  await stack.call('fetch', { entityUrls: ['/me'] });
  const asked = Array.from({ length: endless }, () => outcomeOf(stack.call('ask', { question: 'Endless?' })));
  await until('the endless calls run', async () => (await running(stack)) === endless);
  await stack.workiq.control.set({ latencyMs: 1_500 });
  const fetched = Array.from({ length: ending }, () => outcomeOf(stack.call('fetch', { entityUrls: ['/me'] })));
  await until('all calls run', async () => (await running(stack)) === endless + ending);

  const { child, httpPort, dataDir } = stack.agent;
  child.kill('SIGTERM');
  const notReady = await until('it is not ready any more', async () => {
    const response = await fetch(`http://127.0.0.1:${httpPort}/readyz`);
    return response.status === 503 ? response.text() : undefined;
  });
  assert.equal(notReady, 'The agent is stopping.\n');

  assert.deepEqual(
    await Promise.all(fetched),
    Array.from({ length: ending }, () => 'ok'),
  );
  for (const outcome of await Promise.all(asked)) {
    assert.ok(outcome !== 'ok');
    assert.equal(outcome.code, 'cancelled');
    assert.match(outcome.message, /agent is stopping/);
  }
  assert.equal(await child.exited, 0);
  await until('every call was told', () => ears.on('tool.result.rockbot').length === endless + ending + 1);
  assert.ok(!existsSync(join(dataDir, 'agent.lock')), 'the volume is free');
  const lines = (await readFile(join(dataDir, 'audit', 'audit.jsonl'), 'utf8')).trim().split('\n');
  assert.equal(lines.length, endless + ending + 1, 'and every call is in the audit log');
  assert.doesNotMatch(child.output(), /did not stop cleanly|takes long to stop|was not handled/);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`stopping - a second ${signal} ends it at once, and the next start is in order`, async () => {
    await using stack = await startStack({ workiq: { askLatencyMs: 120_000 } });
    await stack.connect();
    void outcomeOf(stack.call('ask', { question: 'Endless?' }, { timeoutMs: 60_000 })).catch(() => undefined);
    await until('it runs', async () => (await running(stack)) === 1);
    const { child } = stack.agent;
    const ended = child.exited.then((code) => ({ code }));
    child.kill(signal);
    await until('it stops', () => child.output().includes('The agent is stopping.'));
    const { code } = await until(
      'it has ended',
      () => {
        // The first ones may still count as the same one.
        child.kill(signal);
        return Promise.race([ended, Promise.resolve(undefined)]);
      },
      { everyMs: 50 },
    );
    assert.equal(code, 1);
    assert.match(child.output(), /told to stop a second time/);
    await stack.restartAgent({ signal: 'SIGKILL' });
    assert.equal((await stack.ui.request('authState', {})).status, 'connected');
  });
}

test('stopping - a signal that comes twice at once, as npm passes on a Ctrl-C, is one: the call under way is answered', async () => {
  await using stack = await startStack();
  await stack.connect();
  await stack.call('fetch', { entityUrls: ['/me'] });
  await stack.workiq.control.set({ latencyMs: 1_000 });
  const call = outcomeOf(stack.call('fetch', { entityUrls: ['/me'] }));
  await until('it runs', async () => (await running(stack)) === 1);
  stack.agent.child.kill('SIGINT');
  stack.agent.child.kill('SIGTERM');
  assert.equal(await call, 'ok');
  assert.equal(await stack.agent.child.exited, 0);
});

test('stopping - while it still waits for the bus it ends in order and frees the volume', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-stopping-'));
  await using child = await startChild({
    name: 'agent',
    args: [new URL('../../agent/main.ts', import.meta.url).pathname],
    env: {
      WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
      WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
      Nats__Url: 'ws://127.0.0.1:1',
      Agent__DataDir: folder,
      Http__Host: '127.0.0.1',
      Http__Port: '0',
    },
    readyLine: (line) => (line.includes('The bus cannot be reached yet') ? true : undefined),
  });
  assert.ok(existsSync(join(folder, 'agent.lock')));
  assert.equal(await child.stop(), 0);
  assert.ok(!existsSync(join(folder, 'agent.lock')));
  assert.doesNotMatch(child.output(), /did not stop cleanly|takes long to stop|was not handled|cannot start/);
  await rm(folder, { recursive: true });
});
