// A local agent with a real nats-server and the built agent, owned by this process and by others that are killed.
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { connectBus, type Bus } from '../../extension/bus.ts';
import { nkeyCredentials, type BusCredentials } from '../../extension/bus/bus-credentials.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import {
  findLocalAgent,
  isLocalAgentRunning,
  startLocalAgent,
  type LocalAgent,
  type LocalAgentEvent,
  type StartLocalAgentOptions,
} from '../../extension/local/local-agent.ts';
import { busKeyPath } from '../../extension/local/local-agent-files.ts';
import { NatsServerError } from '../../extension/local/nats-server-error.ts';
import { jsonLine, startChild, type Child } from '../support/child.ts';
import { testFolder } from '../support/cli.ts';
import { testNatsProgram } from '../support/nats.ts';
import { until } from '../support/until.ts';
import { isAlive } from '../support/is-alive.ts';

const programFolder = fileURLToPath(new URL('../../dist/', import.meta.url));
const holderProgram = fileURLToPath(new URL('../support/local-agent-holder.ts', import.meta.url));
const natsServer = (await testNatsProgram()).path;
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ROCKBOT_NATS_SERVER: natsServer };
const ids = {
  tenantId: '0f6e4d2c-1b3a-4c5d-8e7f-9a0b1c2d3e4f',
  clientId: '1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
  agentName: 'rockbot',
};
const pids = new Set<number>();

after(async () => {
  await until('no agent of these tests is left', () => ![...pids].some(isAlive));
});

interface Started extends AsyncDisposable {
  agent: LocalAgent;
  events: LocalAgentEvent[];
  agentPids(): number[];
}

async function start(dataDir: string, more: Partial<StartLocalAgentOptions> = {}): Promise<Started> {
  const events: LocalAgentEvent[] = [];
  const agentPids = (): number[] =>
    events.flatMap((event) => (event.kind === 'agent_ready' && event.pid !== undefined ? [event.pid] : []));
  const agent = await startLocalAgent({
    ...ids,
    programFolder,
    dataDir,
    env,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'agent_ready' && event.pid !== undefined) pids.add(event.pid);
    },
    ...more,
  });
  return { agent, events, agentPids, [Symbol.asyncDispose]: () => agent.release() };
}

const holderReady = z.object({
  url: z.string(),
  isOwned: z.boolean(),
  agentPid: z.number().optional(),
  publicKey: z.string(),
});

/** Another window. */
async function startHolder(dataDir: string): Promise<Child & z.infer<typeof holderReady>> {
  const child = await startChild({
    name: 'holder',
    args: [holderProgram, JSON.stringify({ ...ids, programFolder, dataDir })],
    env: { ROCKBOT_NATS_SERVER: natsServer },
    readyLine: jsonLine,
    readyTimeoutMs: 40_000,
  });
  const ready = holderReady.parse(child.ready);
  if (ready.agentPid !== undefined) pids.add(ready.agentPid);
  return Object.assign(child, ready);
}

function connect(url: string, credentials?: BusCredentials): Promise<Bus> {
  return connectBus({ url, agent: ids.agentName, source: 'test', credentials });
}

async function answers({ url, credentials }: Pick<LocalAgent, 'url' | 'credentials'>): Promise<boolean> {
  const bus = await connect(url, credentials).catch(() => undefined);
  if (bus === undefined) return false;
  try {
    return (await bus.request('authState', {}, { timeoutMs: 2_000 })).status === 'not_connected';
  } catch {
    return false;
  } finally {
    await bus.close();
  }
}

async function nothingAnswers(url: string): Promise<boolean> {
  try {
    await (await connect(url, nkeyCredentials(createSeed()))).close();
    return false;
  } catch (error) {
    return error instanceof RockBotError && error.code === 'server_unavailable';
  }
}

describe('local agent', () => {
  test("local agent - it answers its own UI; its files are its owner's alone [P2]", async () => {
    await using folder = await testFolder();
    const dataDir = join(folder.path, 'local-agent');
    await using started = await start(dataDir);
    assert.equal(started.agent.isOwned, true);
    assert.match(started.agent.url, /^ws:\/\/127\.0\.0\.1:\d+$/);
    assert.ok(await answers(started.agent));
    assert.deepEqual(
      started.events.map(({ kind }) => kind).filter((kind) => kind !== 'agent_log'),
      ['nats_ready', 'agent_ready'],
    );
    for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      assert.equal(mode & 0o077, 0, `${entry.name} is ${mode.toString(8)}`);
    }
    const { agent, events } = started;
    await agent.stop();
    assert.deepEqual(await agent.exited, { reason: 'stopped' });
    assert.equal(events.at(-1)?.kind, 'stopped');
    assert.ok(!started.agentPids().some(isAlive), 'the agent has ended');
    assert.ok(await nothingAnswers(agent.url), 'the bus has ended');
    assert.equal(await findLocalAgent({ dataDir }), undefined);
    assert.equal(await isLocalAgentRunning({ dataDir }), false);
    await agent.stop();
  });

  test('local agent - its bus is closed to other users of the machine, and the UI cannot speak for the agent', async () => {
    await using folder = await testFolder();
    await using started = await start(folder.path);
    const { url, credentials } = started.agent;
    for (const stranger of [undefined, nkeyCredentials(createSeed())]) {
      await assert.rejects(connect(url, stranger), (error: RockBotError) => error.code === 'forbidden');
    }
    const bus = await connect(url, credentials);
    try {
      const heard: string[] = [];
      bus.subscribe('authChanged', ({ status }) => heard.push(status));
      await bus.flush();
      // The next agent tells its state when it starts.
      process.kill(started.agentPids()[0] as number, 'SIGKILL');
      await until('an event of the agent arrives', () => heard.length > 0);
      const other = await connectBus({ url, agent: 'other', source: 'test', credentials });
      await assert.rejects(
        other.request('authState', {}, { timeoutMs: 3_000 }),
        (error: RockBotError) => error.code === 'forbidden',
      );
      await other.close();
    } finally {
      await bus.close();
    }
  });

  test('local agent - an agent that is killed is started again on the same bus', async () => {
    await using folder = await testFolder();
    await using started = await start(folder.path);
    const { agent, events, agentPids } = started;
    const bus = await connect(agent.url, agent.credentials);
    try {
      process.kill(agentPids()[0] as number, 'SIGKILL');
      await until('another agent is ready', () => agentPids().length === 2);
      assert.ok(events.some((event) => event.kind === 'agent_crashed' && event.exit.signal === 'SIGKILL'));
      assert.equal((await bus.request('authState', {})).status, 'not_connected');
    } finally {
      await bus.close();
    }
  });

  test('local agent - a bus that is killed is started again at the same address, and the agent comes back to it', async () => {
    await using folder = await testFolder();
    await using started = await start(folder.path);
    const { agent, events } = started;
    const natsPid = events.flatMap((event) => (event.kind === 'nats_ready' ? [event.pid] : []))[0] as number;
    process.kill(natsPid, 'SIGKILL');
    await until('the bus was missed', () => events.some(({ kind }) => kind === 'nats_crashed'));
    await until('the agent answers again', () => answers(agent));
    assert.equal(started.agentPids().length, 1);
  });

  test('local agent - a second window uses the one that runs, and can stop it', async () => {
    await using folder = await testFolder();
    await using holder = await startHolder(folder.path);
    await using started = await start(folder.path);
    const { agent } = started;
    assert.equal(agent.isOwned, false);
    assert.equal(agent.url, holder.url);
    assert.equal(agent.credentials.publicKey, holder.publicKey);
    assert.ok(await answers(agent));
    await agent.stop();
    assert.deepEqual(await agent.exited, { reason: 'stopped' });
    assert.equal(await holder.exited, 0);
    assert.match(holder.output(), /"end":"stopped"/);
    assert.ok(!isAlive(holder.agentPid as number));
  });

  test('local agent - a second window that closes leaves it alone', async () => {
    await using folder = await testFolder();
    await using owner = await start(folder.path);
    const second = await startHolder(folder.path);
    assert.equal(second.isOwned, false);
    assert.equal(await isLocalAgentRunning({ dataDir: folder.path }), true);
    assert.equal(await second.stop(), 0);
    assert.ok(await answers(owner.agent));
  });

  test('local agent - whether one runs is known without its keys', async () => {
    await using folder = await testFolder();
    await using holder = await startHolder(folder.path);
    const keyFile = busKeyPath(folder.path, 'ui');
    const key = await readFile(keyFile, 'utf8');
    await writeFile(keyFile, 'broken');
    assert.equal(await isLocalAgentRunning({ dataDir: folder.path }), true);
    await assert.rejects(findLocalAgent({ dataDir: folder.path }), RockBotError);
    await writeFile(keyFile, key);
    assert.equal(await holder.stop(), 0);
    assert.equal(await isLocalAgentRunning({ dataDir: folder.path }), false);
  });

  test('local agent - it ends with the window that owns it, and another window goes on with it at the same address', async () => {
    await using folder = await testFolder();
    const holder = await startHolder(folder.path);
    await using second = await start(folder.path);
    assert.equal(await holder.stop(), 0);
    assert.match(holder.output(), /"end":"released"/);
    assert.deepEqual(await second.agent.exited, { reason: 'released' });
    await using next = await start(folder.path);
    assert.equal(next.agent.isOwned, true);
    assert.equal(next.agent.url, holder.url);
    assert.ok(await answers(next.agent));
  });

  test('local agent - when its window is killed outright nothing is left, and the next start has the same bus keys', async () => {
    await using folder = await testFolder();
    const holder = await startHolder(folder.path);
    await using second = await start(folder.path);
    holder.kill('SIGKILL');
    await holder.exited;
    await until('the agent has ended', () => !isAlive(holder.agentPid as number));
    await until('the bus has ended', () => nothingAnswers(holder.url));
    assert.deepEqual(await second.agent.exited, { reason: 'released' });
    await using next = await start(folder.path);
    assert.equal(next.agent.isOwned, true);
    assert.equal(next.agent.url, holder.url);
    assert.equal(next.agent.credentials.publicKey, holder.publicKey);
  });

  test('local agent - a start while the agent of a killed window still ends waits for it', async () => {
    await using folder = await testFolder();
    const holder = await startHolder(folder.path);
    holder.kill('SIGKILL');
    await holder.exited;
    await using next = await start(folder.path);
    assert.equal(next.agent.isOwned, true);
    assert.ok(await answers(next.agent));
  });

  test('local agent - of windows that start at once one owns it and the others use it', async () => {
    await using folder = await testFolder();
    const holders = await Promise.all([startHolder(folder.path), startHolder(folder.path)]);
    try {
      assert.equal(holders.filter(({ isOwned }) => isOwned).length, 1);
      assert.equal(new Set(holders.map(({ url }) => url)).size, 1);
    } finally {
      await Promise.all(holders.map((holder) => holder.stop()));
    }
  });

  test('local agent - a start that is cancelled leaves nothing running', async () => {
    await using folder = await testFolder();
    const cancelling = new AbortController();
    let url = '';
    await assert.rejects(
      start(folder.path, {
        signal: cancelling.signal,
        onEvent: (event) => {
          if (event.kind !== 'nats_ready') return;
          ({ url } = event);
          setImmediate(() => cancelling.abort(new Error('by the test')));
        },
      }),
      /by the test/,
    );
    assert.ok(await nothingAnswers(url));
    assert.equal(await findLocalAgent({ dataDir: folder.path }), undefined);
  });

  test("local agent - settings that the agent refuses end the start with the agent's own words [P14]", async () => {
    await using folder = await testFolder();
    await assert.rejects(start(folder.path, { tenantId: 'contoso' }), (error: RockBotError) => {
      assert.equal(error.code, 'invalid_request');
      assert.match(error.message, /WorkIQ__TenantId/);
      return true;
    });
  });

  test('local agent - a port that is asked for and taken is an error; a remembered one gives way to a free one', async () => {
    await using folder = await testFolder();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as AddressInfo;
    await assert.rejects(start(folder.path, { port }), (error) => {
      assert.ok(error instanceof NatsServerError);
      assert.equal(error.problem, 'port_in_use');
      return true;
    });
    await new Promise((resolve) => blocker.close(resolve));
    const first = await start(folder.path, { port });
    assert.equal(first.agent.url, `ws://127.0.0.1:${port}`);
    await first.agent.stop();
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
    try {
      await using second = await start(folder.path);
      assert.notEqual(second.agent.url, first.agent.url);
      assert.ok(await answers(second.agent));
    } finally {
      await new Promise((resolve) => blocker.close(resolve));
    }
  });
});
