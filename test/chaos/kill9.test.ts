// The agent is killed at random instants while it rotates its refresh token: the file is always whole, and always of use.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeEnvelope } from '../../agent/auth/cache-envelope.ts';
import { parseMsalCache } from '../../agent/auth/msal-cache.ts';
import { connectBus } from '../../extension/bus.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['ROCKBOT_CHAOS_KILLS'] ?? 100);
/** Milliseconds within which the agent is killed; it rotates its token many times in them. */
const longestLifeMs = 600;

test(`kill -9 - at ${kills} instants during rotation it never tears the cache and never needs a new consent [P1]`, async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-kill9-'));
  context.after(() => rm(dataDir, { recursive: true, force: true }));
  await using stack = await startStack();
  const mcpConfig = { mcpServers: { workiq: { url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } } } };
  const start = { busUrl: stack.nats.url, dataDir, mcpConfig, env: { ...stack.agentEnv, Agent__Name: 'victim' } };
  const cacheFile = join(dataDir, 'secrets', 'workiq-cache.bin');
  const ui = await connectBus({ url: stack.nats.url, agent: 'victim', source: 'test' });
  context.after(() => ui.close());
  let agent = await startAgentProcess(start);
  context.after(() => agent.child.stop());
  await stack.connect({ bus: ui });

  const rotations = new Set<string>();
  for (let round = 0; round < kills; round++) {
    const killed = new AbortController();
    // Each refused bearer makes the agent rotate its refresh token and rewrite the file.
    const rotate = async (): Promise<void> => {
      while (!killed.signal.aborted) {
        await stack.entra.control.revokeAccessTokens({});
        const call = {
          callId: crypto.randomUUID(),
          server: 'workiq',
          tool: 'fetch',
          arguments: { entityUrls: ['/me'] },
        };
        await ui.request('toolInvoke', call, { signal: killed.signal }).catch(() => undefined);
      }
    };
    const rotating = rotate();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * longestLifeMs));
    agent.child.kill('SIGKILL');
    killed.abort();
    await agent.child.exited;
    await rotating;

    const { connection } = await decodeEnvelope(await readFile(cacheFile, 'utf8'), {});
    assert.ok(connection !== undefined, `round ${round}: the connection is gone`);
    rotations.add(Object.values(parseMsalCache(connection.cache).RefreshToken)[0]?.secret ?? '');
    agent = await startAgentProcess(start);
    const { status } = await until('the agent answers', () => ui.request('authState', {}).catch(() => undefined));
    assert.equal(status, 'connected', `round ${round}: a new consent would be needed`);
  }
  const fresh = { callId: crypto.randomUUID(), server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me'] } };
  assert.equal((await ui.request('toolInvoke', fresh)).ok, true);
  assert.ok(rotations.size > kills / 2, `the token was rotated ${rotations.size} times only; the kills say little`);
  const leftovers = (await readdir(join(dataDir, 'secrets'))).filter((name) => /unusable|\.tmp$/.test(name));
  assert.deepEqual(leftovers, []);
});
