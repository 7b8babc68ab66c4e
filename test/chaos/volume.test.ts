// The agent's volume fills up, turns read-only, or goes away under the running agent, and comes back: tokens and calls go on from
// memory, a sign-in is refused with the reason, everybody is told, and it heals by itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { failureOf } from '../support/call-failure.ts';
import { createSmallVolume, whyNoVolume, type SmallVolume } from '../support/small-volume.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const skip = whyNoVolume() ?? false;

interface Case {
  what: string;
  code: RegExp;
  begin: (volume: SmallVolume) => void;
  end: (volume: SmallVolume) => void;
}

const cases: readonly Case[] = [
  { what: 'a full volume', code: /ENOSPC/, begin: (volume) => volume.fill(), end: (volume) => volume.free() },
  {
    what: 'a volume that turns read-only',
    code: /EROFS/,
    begin: (volume) => volume.readOnly(true),
    end: (volume) => volume.readOnly(false),
  },
  {
    what: 'a volume that goes away',
    code: /ENOENT/,
    begin: (volume) => volume.detach(),
    end: (volume) => volume.attach(),
  },
];

/** The agent of a stack, moved to a volume of the test's. */
async function moveTo(volume: SmallVolume, stack: Stack): Promise<void> {
  await stack.agent.child.stop();
  stack.agent = await startOn(volume, stack);
}

async function startOn(volume: SmallVolume, stack: Stack): Promise<AgentProcess> {
  return startAgentProcess({
    busUrl: stack.nats.url,
    dataDir: volume.path,
    env: stack.agentEnv,
    mcpConfig: { mcpServers: { workiq: { type: 'http', url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } } } },
  });
}

const metric = async (stack: Stack, name: string): Promise<string | undefined> => {
  const text = await (await fetch(`http://127.0.0.1:${stack.agent.httpPort}/metrics`)).text();
  return text.split('\n').find((line) => line.startsWith(`${name} `));
};

const state = (
  stack: Stack,
): Promise<{ status: string; generation: number; reason?: { message: string } | undefined }> =>
  stack.ui.request('authState', {});

const cacheOf = (volume: SmallVolume): string => readFileSync(join(volume.path, 'secrets', 'workiq-cache.bin'), 'utf8');

describe('volume - fails under the running agent', { skip }, () => {
  for (const { what, code, begin, end } of cases) {
    test(`volume - ${what}: calls go on from memory, a sign-in is refused, all of it is told, and it heals by itself [P5, P9]`, async () => {
      using volume = createSmallVolume();
      // Tokens of three seconds: each call but the first few needs a refresh, whose outcome cannot be stored.
      await using stack = await startStack({ entra: { accessTokenLifeSeconds: 3 } });
      await moveTo(volume, stack);
      const { generation } = await stack.connect();
      await stack.call('fetch', { entityUrls: ['/me'] });
      const before = cacheOf(volume);
      const { lastRefreshAt } = await stack.ui.request('authState', {});

      begin(volume);
      await until(
        'a token was refreshed that cannot be stored',
        async () => {
          await stack.call('fetch', { entityUrls: ['/me'] });
          const now = await stack.ui.request('authState', {});
          return now.status === 'degraded' && now.lastRefreshAt !== lastRefreshAt;
        },
        { everyMs: 100 },
      );
      assert.match((await state(stack)).reason?.message ?? '', code);
      const refused = await failureOf(stack.connect());
      assert.match(refused.message, /could not store the connection/);
      assert.match(refused.message, code);
      assert.match(refused.action ?? '', /volume/);
      assert.equal((await state(stack)).generation, generation, 'the old connection is in force');
      await until('the metric says so', async () => (await metric(stack, 'rockbot_volume_writable'))?.endsWith(' 0'));
      assert.match(stack.agent.output(), /The agent works on from memory/);
      const ready = await fetch(`http://127.0.0.1:${stack.agent.httpPort}/readyz`);
      assert.equal(ready.status, 200, 'calls are served');
      await stack.call('fetch', { entityUrls: ['/me'] });
      assert.equal(
        await metric(stack, 'rockbot_auth_status{status="degraded"}'),
        'rockbot_auth_status{status="degraded"} 1',
      );

      end(volume);
      await until('it is connected again', async () => (await state(stack)).status === 'connected', {
        timeoutMs: 40_000,
      });
      await until('the metric says so', async () => (await metric(stack, 'rockbot_volume_writable'))?.endsWith(' 1'));
      assert.notEqual(cacheOf(volume), before, 'what was refreshed meanwhile is on the volume');
      assert.equal((await stack.connect()).generation, generation + 1);
      await stack.call('fetch', { entityUrls: ['/me'] });
      assert.equal(await stack.agent.child.stop(), 0);
      const lines = (await readFile(join(volume.path, 'audit', 'audit.jsonl'), 'utf8')).trim().split('\n');
      for (const line of lines) JSON.parse(line);
    });
  }

  test('volume - back only when the agent is told to stop: what was refreshed meanwhile is stored all the same [P9]', async () => {
    using volume = createSmallVolume();
    await using stack = await startStack({ entra: { accessTokenLifeSeconds: 2 } });
    await moveTo(volume, stack);
    await stack.connect();
    const before = cacheOf(volume);
    volume.readOnly(true);
    await until('it is degraded', async () => {
      await stack.call('fetch', { entityUrls: ['/me'] });
      return (await state(stack)).status === 'degraded';
    });
    volume.readOnly(false);
    assert.equal(await stack.agent.child.stop(), 0);
    assert.notEqual(cacheOf(volume), before);
    stack.agent = await startOn(volume, stack);
    assert.equal((await state(stack)).status, 'connected');
    await stack.call('fetch', { entityUrls: ['/me'] });
  });
});

describe('volume - at the start', { skip }, () => {
  for (const { what, code, begin } of cases.slice(0, 2)) {
    test(`volume - ${what}: the start ends with 78 and says what to mend [P14]`, async () => {
      using volume = createSmallVolume();
      begin(volume);
      const settings = {
        WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
        WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
      };
      await assert.rejects(
        startAgentProcess({ busUrl: 'ws://127.0.0.1:1', dataDir: volume.path, env: settings }),
        (error: Error) => {
          assert.match(error.message, /ended with 78/);
          assert.match(error.message, /Agent__DataDir is "/);
          assert.match(error.message, code);
          return true;
        },
      );
    });
  }
});
