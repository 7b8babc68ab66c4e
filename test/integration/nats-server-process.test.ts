// The supervised nats-server with the real program: its whole life, and the ends it must not survive.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from 'nats.ws';
import { NatsServerError, type NatsServerProblem } from '../../extension/local/nats-server-error.ts';
import type { NatsServerEvent, NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const parentScript = fileURLToPath(new URL('../support/nats-parent.ts', import.meta.url));
const linux = process.platform === 'linux';

function problem(expected: NatsServerProblem): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof NatsServerError, String(error));
    assert.equal(error.problem, expected, error.message);
    assert.notEqual(error.nextStep, '');
    return true;
  };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie waits only for its parent, which in a container may never ask.
    return !(linux && /^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
}

function pidOf(server: NatsServerProcess): number {
  assert.ok(server.pid);
  return server.pid;
}

/** Linux only: the server's own folder and its supervisor, from the process table. */
async function inspect(pid: number): Promise<{ config: string; supervisor: number }> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  const parent = /^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { config: args[args.indexOf('-c') + 1] ?? '', supervisor: Number(parent) };
}

async function ping(url: string): Promise<void> {
  const connection = await connect({ servers: url, reconnect: false, timeout: 2_000 });
  await connection.flush();
  await connection.close();
}

describe('local nats-server', { timeout: 60_000 }, () => {
  test('local nats-server - serves on a free loopback port and leaves nothing behind', async () => {
    const server = await startTestNats();
    const pid = pidOf(server);
    await server.ready;
    assert.match(server.url, /^ws:\/\/127\.0\.0\.1:\d+$/);
    await ping(server.url);
    const config = linux ? (await inspect(pid)).config : undefined;
    await server.stop();
    await server.stop();
    assert.deepEqual(await server.exited, { reason: 'stopped' });
    assert.equal(server.pid, undefined);
    assert.equal(runs(pid), false);
    await assert.rejects(server.ready, problem('stopped'));
    await assert.rejects(server.restart(), problem('stopped'));
    if (config !== undefined) await assert.rejects(access(dirname(config)));
  });

  test('P2 local nats-server - its folder is 0700, its configuration and log 0600', { skip: !linux }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-log-'));
    const logFile = join(folder, 'nats.log');
    try {
      await using server = await startTestNats({ logFile });
      const { config } = await inspect(pidOf(server));
      assert.equal((await stat(dirname(config))).mode & 0o777, 0o700);
      assert.equal((await stat(config)).mode & 0o777, 0o600);
      await until('a log', async () => /Server is ready/.test(await readFile(logFile, 'utf8')));
      assert.equal((await stat(logFile)).mode & 0o777, 0o600);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('P6 local nats-server - credentials in the environment do not reach it', { skip: !linux }, async () => {
    process.env['ROCKBOT_TEST_SECRET'] = 'do-not-inherit';
    try {
      await using server = await startTestNats({ env: { NAMED: 'on-purpose' } });
      const environment = await readFile(`/proc/${pidOf(server)}/environ`, 'utf8');
      assert.match(environment, /NAMED=on-purpose/);
      assert.doesNotMatch(environment, /do-not-inherit/);
    } finally {
      delete process.env['ROCKBOT_TEST_SECRET'];
    }
  });

  test('local nats-server - only its users may connect, and do what they were given', async () => {
    const [admin, reader, stranger] = [createUser(), createUser(), createUser()];
    await using server = await startTestNats({
      users: [
        { nkey: admin.getPublicKey() },
        { nkey: reader.getPublicKey(), permissions: { publish: [], subscribe: ['news.>'] } },
      ],
    });
    const as = (user: typeof admin): ReturnType<typeof connect> =>
      connect({ servers: server.url, authenticator: nkeyAuthenticator(user.getSeed()), reconnect: false });
    await assert.rejects(as(stranger), { code: 'AUTHORIZATION_VIOLATION' });
    const [writing, reading] = await Promise.all([as(admin), as(reader)]);
    const heard: string[] = [];
    reading.subscribe('news.*', { callback: (_error, message) => heard.push(message.subject) });
    await reading.flush();
    reading.publish('news.forged');
    await reading.flush();
    writing.publish('news.real');
    await until('news', () => heard.length > 0);
    assert.deepEqual(heard, ['news.real']);
    await Promise.all([writing.close(), reading.close()]);
  });

  test('local nats-server - several start at once, each on a port of its own', async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => startTestNats()));
    assert.equal(new Set(servers.map(({ url }) => url)).size, 4);
    await Promise.all(servers.map((server) => server.stop()));
  });
});

describe('local nats-server, faults', { timeout: 60_000 }, () => {
  test('local nats-server - after a crash it is back at the same address and clients come back', async () => {
    const events: NatsServerEvent['kind'][] = [];
    await using server = await startTestNats({ onEvent: ({ kind }) => events.push(kind) });
    const { url } = server;
    const pid = pidOf(server);
    const client = await connect({ servers: url, reconnectTimeWait: 50, maxReconnectAttempts: 100 });
    process.kill(pid, 'SIGKILL');
    await until('another server', () => server.pid !== undefined && server.pid !== pid);
    await server.ready;
    assert.equal(server.url, url);
    client.subscribe('echo', { callback: (_error, message) => message.respond('back') });
    await until('an answer', () =>
      client.request('echo', '', { timeout: 500 }).then(
        (answer) => answer.string() === 'back',
        () => false,
      ),
    );
    await client.close();
    assert.deepEqual(events, ['ready', 'crashed', 'ready']);
  });

  test('local nats-server - a restart on request keeps the address and is no crash', async () => {
    const events: NatsServerEvent['kind'][] = [];
    await using server = await startTestNats({ onEvent: ({ kind }) => events.push(kind) });
    const [pid, url] = [pidOf(server), server.url];
    await server.restart();
    assert.notEqual(pidOf(server), pid);
    assert.equal(server.url, url);
    await ping(url);
    assert.deepEqual(events, ['ready', 'ready']);
  });

  test('local nats-server - when its supervisor is killed, no second server is left', { skip: !linux }, async () => {
    await using server = await startTestNats();
    const pid = pidOf(server);
    const { config, supervisor } = await inspect(pid);
    process.kill(supervisor, 'SIGKILL');
    await until('another server', () => server.pid !== undefined && server.pid !== pid);
    await server.ready;
    await assert.rejects(access(dirname(config)));
    await until('the end of the first', () => !runs(pid));
    await ping(server.url);
  });

  test('local nats-server - waits for its port when something else took it meanwhile', async () => {
    const failures: Error[] = [];
    let thief: Server | undefined;
    await using server = await startTestNats({
      onEvent: (event) => {
        if (event.kind === 'restart_failed') failures.push(event.error);
        // Nothing else runs between the crash and this, so the port is certainly free and certainly ours.
        if (event.kind === 'crashed') thief = createServer().listen(Number(new URL(server.url).port), '127.0.0.1');
      },
    });
    process.kill(pidOf(server), 'SIGKILL');
    await until('a failed restart', () => failures.length > 0);
    problem('port_in_use')(failures[0]);
    thief?.close();
    await server.ready;
    await ping(server.url);
  });

  test('local nats-server - gives up after a bounded number of failed restarts', async () => {
    const delays: number[] = [];
    let thief: Server | undefined;
    const server = await startTestNats({
      clock: {
        now: () => 0,
        sleep: (ms) => {
          delays.push(ms);
          return Promise.resolve();
        },
      },
      onEvent: ({ kind }) => {
        if (kind === 'crashed') thief = createServer().listen(Number(new URL(server.url).port), '127.0.0.1');
      },
    });
    process.kill(pidOf(server), 'SIGKILL');
    const end = await server.exited;
    thief?.close();
    assert.ok(end.reason === 'gave_up');
    problem('crashed')(end.error);
    assert.equal(delays.length, 8);
    assert.ok(delays.every((ms) => ms <= 5_000) && (delays.at(-1) ?? 0) > (delays[0] ?? 0), delays.join());
    await assert.rejects(server.ready, problem('crashed'));
    await server.stop();
  });

  test('local nats-server - a wanted port that is taken is named, and nothing is left running', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    assert.ok(typeof address === 'object' && address !== null);
    const folders = await ownFolders();
    await assert.rejects(startTestNats({ websocketPort: address.port }), problem('port_in_use'));
    assert.deepEqual(await ownFolders(), folders);
    holder.close();
  });

  test('local nats-server - a wrong configuration is refused with its reason', async () => {
    await assert.rejects(startTestNats({ configText: 'no_such_setting: 1' }), problem('config_invalid'));
    await assert.rejects(
      startTestNats({ configFile: join(import.meta.dirname, 'none', 'file.conf') }),
      problem('config_invalid'),
    );
    await assert.rejects(startTestNats({ host: '0.0.0.0' }), problem('config_invalid'));
  });

  test('local nats-server - an aborted signal stops it, before, while and after it starts', async () => {
    await assert.rejects(startTestNats({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    const starting = new AbortController();
    // No server is ready that soon.
    setTimeout(() => starting.abort(), 5);
    await assert.rejects(startTestNats({ signal: starting.signal }), { name: 'AbortError' });
    const running = new AbortController();
    const server = await startTestNats({ signal: running.signal });
    const pid = pidOf(server);
    running.abort();
    assert.deepEqual(await server.exited, { reason: 'stopped' });
    assert.equal(runs(pid), false);
  });
});

describe('local nats-server, end of its parent', { timeout: 60_000, skip: !linux && 'reads /proc' }, () => {
  test('local nats-server - kill -9 of the parent leaves no server and no folder', async (t) => {
    const { parent, pid } = await startParent(t);
    const { config, supervisor } = await inspect(pid);
    parent.kill('SIGKILL');
    await until('the end of both', () => !runs(pid) && !runs(supervisor));
    await until('the end of the folder', () =>
      access(dirname(config)).then(
        () => false,
        () => true,
      ),
    );
  });

  test('local nats-server - a parent that exits without stopping it leaves none', async (t) => {
    const { exited, pid } = await startParent(t, 'exit');
    await exited;
    await until('the end of the server', () => !runs(pid));
  });

  test('local nats-server - Ctrl-C reaches the parent only, so that it can drain first', async (t) => {
    const { parent, pid, url, lines } = await startParent(t);
    assert.ok(parent.pid);
    process.kill(-parent.pid, 'SIGINT');
    await until('the signal', () => lines.some((line) => line.includes('interrupted')));
    await ping(url);
    assert.equal(runs(pid), true);
    parent.kill('SIGKILL');
    await until('the end of the server', () => !runs(pid));
  });
});

async function startParent(
  t: TestContext,
  ...args: string[]
): Promise<{ parent: ChildProcess; exited: Promise<unknown>; pid: number; url: string; lines: string[] }> {
  const parent = spawn(process.execPath, [parentScript, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Before anything is waited for: it may exit as soon as it has told of its server.
  const exited = once(parent, 'exit');
  t.after(() => parent.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: parent.stdout }).on('line', (line) => lines.push(line));
  await until('a server', () => lines.length > 0, { timeoutMs: 30_000 });
  const { pid, url } = JSON.parse(lines[0] ?? '') as { pid: number; url: string };
  return { parent, exited, pid, url, lines };
}

async function ownFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('rockbot-nats-')).toSorted();
}
