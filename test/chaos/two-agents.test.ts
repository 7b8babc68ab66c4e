// Two agents on one volume: the second is turned away, a lock that was left behind is taken over by exactly one, and an
// agent that loses its volume ends.
import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { startTestNats } from '../support/nats.ts';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const rounds = 100;
const contenders = 3;
const settings = {
  WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
  WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
};

async function leftBehind(path: string, owner: { pid?: number; host?: string }, ageSeconds = 0): Promise<void> {
  const { pid = 1, host = hostname() } = owner;
  const lock = { id: crypto.randomUUID(), pid, host, startedAt: new Date().toISOString() };
  await writeFile(path, JSON.stringify(lock));
  const then = new Date(Date.now() - ageSeconds * 1_000);
  await utimes(path, then, then);
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid as number;
}

describe('two agents - the real ones', () => {
  test('two agents - the second refuses clearly, the first serves on, and a kill -9 leaves nothing in the way [P1]', async () => {
    await using stack = await startStack();
    await stack.connect();
    const { dataDir } = stack.agent;
    const second = (): Promise<AgentProcess> =>
      startAgentProcess({ busUrl: stack.nats.url, dataDir, env: { ...stack.agentEnv, Agent__Name: 'second' } });
    const cache = await readFile(join(dataDir, 'secrets', 'workiq-cache.bin'));
    await assert.rejects(second(), (error: Error) => {
      assert.match(error.message, /ended with 1/);
      assert.match(error.message, new RegExp(`in use by process ${stack.agent.child.pid} on ${hostname()}`));
      assert.match(error.message, /Agent__DataDir/);
      return true;
    });
    assert.deepEqual(await readFile(join(dataDir, 'secrets', 'workiq-cache.bin')), cache);
    await stack.call('fetch', { entityUrls: ['/me'] });

    await stack.restartAgent({ signal: 'SIGKILL' });
    assert.equal((await stack.ui.request('authState', {})).status, 'connected');
    assert.deepEqual(
      (await readdir(dataDir)).filter((name) => name.startsWith('agent.lock')),
      ['agent.lock'],
    );
  });

  test('two agents - the lock of an agent that died on another host counts until it is stale, and says so', async () => {
    await using nats = await startTestNats();
    const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-volume-'));
    const start = (): Promise<AgentProcess> => startAgentProcess({ busUrl: nats.url, dataDir, env: settings });
    const path = join(dataDir, 'agent.lock');
    await leftBehind(path, { host: 'another-host' });
    await assert.rejects(
      start(),
      /in use by process 1 on another-host[\s\S]*taken over 30 s after its last sign of life/,
    );
    await leftBehind(path, { host: 'another-host' }, 31);
    {
      await using agent = await start();
      assert.match(await readFile(path, 'utf8'), new RegExp(`"pid":${agent.child.pid}`));
    }
    assert.deepEqual(
      (await readdir(dataDir)).filter((name) => name.startsWith('agent.lock')),
      [],
    );
    await rm(dataDir, { recursive: true });
  });

  test('two agents - one whose volume was taken ends, also while it still waits for the bus', async () => {
    const nats = await startTestNats();
    const dataDirs = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'rockbot-volume-'))));
    const [servingDir = '', waitingDir = ''] = dataDirs;
    await using serving = await startAgentProcess({ busUrl: nats.url, dataDir: servingDir, env: settings });
    await nats.stop();
    const waiting = startAgentProcess({ busUrl: nats.url, dataDir: waitingDir, env: settings });
    const refused = assert.rejects(waiting, /ended with 1[\s\S]*in use by process 1 on another-host/);
    await until('it has the lock', () => readFile(join(waitingDir, 'agent.lock'), 'utf8').catch(() => undefined));
    for (const dataDir of dataDirs) await leftBehind(join(dataDir, 'agent.lock'), { host: 'another-host' });
    await refused;
    await using _back = await startTestNats({ websocketPort: port(nats.url), clientPort: port(nats.natsUrl) });
    assert.equal(await serving.child.exited, 1);
    assert.match(serving.output(), /the volume was taken/);
    for (const dataDir of dataDirs) {
      assert.match(await readFile(join(dataDir, 'agent.lock'), 'utf8'), /another-host/, 'it is left to its new owner');
      await rm(dataDir, { recursive: true });
    }
  });
});

describe('two agents - the race', () => {
  test(`two agents - of ${contenders} that start over a stale lock exactly one wins, ${rounds} times`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-race-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'agent.lock');
    const gone = await deadPid();
    const children = Array.from({ length: contenders }, () =>
      fork(new URL('../support/lock-contender.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    context.after(() => {
      for (const child of children) child.disconnect();
    });
    await Promise.all(children.map(answerOf));
    for (let round = 0; round < rounds; round++) {
      await leftBehind(path, round % 2 === 0 ? { pid: gone } : { host: 'another-host' }, 40);
      const at = Date.now() + 20;
      const outcomes = await Promise.all(children.map((child) => ask(child, { path, at })));
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== 'refused'),
        ['won'],
        `round ${round}`,
      );
      assert.equal(await ask(children[outcomes.indexOf('won')], {}), 'released');
      assert.deepEqual(await readdir(folder), [], `round ${round}`);
    }
  });
});

function port(url: string): number {
  return Number(new URL(url).port);
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const [answer] = (await once(child, 'message')) as [unknown];
  return answer;
}

async function ask(child: ChildProcess | undefined, question: object): Promise<unknown> {
  assert.ok(child !== undefined);
  const answer = answerOf(child);
  child.send(question);
  return answer;
}
