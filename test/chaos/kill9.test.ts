// The agent is killed at random instants while it rotates its refresh token: the file is always whole, and always of use.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { decodeEnvelope } from '../../agent/auth/cache-envelope.ts';
import { parseMsalCache } from '../../agent/auth/msal-cache.ts';
import { connectBus } from '../../extension/bus.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['ROCKBOT_CHAOS_KILLS'] ?? 100);
/** Agents that are killed side by side; much of a round is waiting for one to start. */
const victims = 2;
/** Milliseconds after the first rotation within which an agent is killed; it rotates many times in them. */
const longestLifeMs = 150;

test(`kill -9 - at ${kills} instants during rotation it never tears the cache and never needs a new consent [P1]`, async () => {
  await using stack = await startStack();
  const count = Math.ceil(kills / victims);
  const rotations = await Promise.all(Array.from({ length: victims }, (_, index) => killRounds(stack, index, count)));
  const seen = rotations.reduce((sum, each) => sum + each, 0);
  assert.ok(seen > (count * victims) / 2, `the token was rotated ${seen} times only; the kills say little`);
});

/** Kills one agent so often; returns how many different refresh tokens its file held afterwards. */
async function killRounds(stack: Stack, index: number, count: number): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const name = `victim-${index}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-kill9-'));
  cleanup.defer(() => rm(dataDir, { recursive: true, force: true }));
  const mcpConfig = { mcpServers: { workiq: { url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } } } };
  const start = { busUrl: stack.nats.url, dataDir, mcpConfig, env: { ...stack.agentEnv, Agent__Name: name } };
  const ui = await connectBus({ url: stack.nats.url, agent: name, source: 'test' });
  cleanup.defer(() => ui.close());
  const call = (signal?: AbortSignal): Promise<unknown> =>
    ui.request(
      'toolInvoke',
      { callId: crypto.randomUUID(), server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me'] } },
      { signal },
    );
  let agent = await startAgentProcess(start);
  cleanup.defer(async () => void (await agent.child.stop()));
  await stack.connect({ bus: ui });

  const held = async (): Promise<string | undefined> => {
    const { connection } = await decodeEnvelope(
      await readFile(join(dataDir, 'secrets', 'workiq-cache.bin'), 'utf8'),
      {},
    );
    return connection === undefined
      ? undefined
      : Object.values(parseMsalCache(connection.cache).RefreshToken)[0]?.secret;
  };
  const rotated = new Set<string>();
  for (let round = 0; round < count; round++) {
    const killed = new AbortController();
    // Each refused bearer makes the agent rotate its refresh token and rewrite the file.
    const rotate = async (): Promise<void> => {
      while (!killed.signal.aborted) {
        await stack.entra.control.revokeAccessTokens({});
        await call(killed.signal).catch(() => undefined);
      }
    };
    const before = await held();
    const rotating = rotate();
    await until('the first rotation', async () => (await held()) !== before, { timeoutMs: 30_000, everyMs: 5 });
    await delay(Math.random() * longestLifeMs);
    agent.child.kill('SIGKILL');
    killed.abort();
    await agent.child.exited;
    await rotating;

    const token = await held();
    assert.ok(token !== undefined, `round ${round}: the connection is gone`);
    rotated.add(token);
    agent = await startAgentProcess(start);
    const { status } = await ui.request('authState', {});
    assert.equal(status, 'connected', `round ${round}: a new consent would be needed`);
  }
  const serves = (): Promise<boolean> =>
    call().then(
      () => true,
      () => false,
    );
  await until('the last one serves', serves, { timeoutMs: 30_000 });
  const names = await readdir(join(dataDir, 'secrets'));
  assert.deepEqual(
    names.filter((file) => /unusable|\.tmp$/.test(file)),
    [],
  );
  return rotated.size;
}
