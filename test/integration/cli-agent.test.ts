// rockbot agent with the real agent, a bus that it starts itself, and both simulators: the whole story from a terminal.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { jsonLines, runCli, startCli, testFolder } from '../support/cli.ts';
import { startEntra, type EntraSimulator } from '../support/entra/simulator.ts';
import { testNatsProgram } from '../support/nats.ts';
import { startWorkIq, type WorkIqSimulator } from '../support/workiq/simulator.ts';

let entra: EntraSimulator;
let workiq: WorkIqSimulator;

before(async () => {
  entra = await startEntra({
    settings: { deviceCodeIntervalSeconds: 0.2, autoApproveDeviceCodesAs: 'adele', consent: 'granted' },
  });
  workiq = await startWorkIq();
});

after(async () => {
  await workiq.close();
  await entra.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function environment(folder: string): Promise<Record<string, string>> {
  return {
    ROCKBOT_NATS_URL: `ws://127.0.0.1:${await freePort()}`,
    ROCKBOT_NATS_SERVER: (await testNatsProgram()).path,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    WorkIQ__TenantId: entra.tenantId,
    WorkIQ__ClientId: entra.clientId,
    WorkIQ__Authority: entra.origin,
    WorkIQ__CaFile: entra.caFile,
    WorkIQ__AllowedOrigins: workiq.origin,
    Http__Port: '0',
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pids: number[]): Promise<void> {
  for (let waited = 0; pids.some(isAlive); waited += 1) {
    assert.ok(waited < 150, 'still running');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ready = /"message":"The agent is ready\."/;

describe('rockbot agent', () => {
  test('rockbot agent - [S1] from nothing to mail and back, on a bus that it starts and ends', async () => {
    await using folder = await testFolder();
    const env = await environment(folder.path);
    await using agent = startCli(['agent'], { env });
    await agent.printed('stderr', /nats-server listens on ws:\/\/127\.0\.0\.1:\d+/);
    await agent.printed('stderr', ready);

    const steps: [string[], number, RegExp][] = [
      [['auth', 'status'], 0, /Not connected/],
      [['servers', 'add', 'workiq', '--url', workiq.mcpUrl, '--profile', 'workiq'], 0, /Added workiq/],
      [['auth', 'workiq', '--device-code'], 0, /connected as adele@contoso\.example/],
      [['auth', 'status'], 0, /● Connected as adele@contoso\.example/],
      [['tools', 'list'], 0, /read {3}fetch /],
      [['tools', 'call', 'workiq', 'fetch', '--args', '{"entityUrls":["/me/messages?$top=3"]}'], 0, /Budget/],
      [['agent', 'status'], 0, /● workiq {2}ready/],
      [['doctor'], 0, /Everything is in order/],
      [['tools', 'call', 'workiq', 'nonsense'], 1, /^$/],
      [['auth', 'disconnect'], 0, /disconnected from Microsoft 365/],
      [['tools', 'call', 'workiq', 'fetch', '--args', '{"entityUrls":["/me"]}'], 77, /^$/],
      [['servers', 'remove', 'workiq'], 0, /Removed workiq/],
    ];
    for (const [args, code, stdout] of steps) {
      const result = await runCli(args, { env });
      assert.equal(result.code, code, `${args.join(' ')}: ${result.stdout}${result.stderr}`);
      assert.match(result.stdout, stdout, args.join(' '));
    }
    agent.signal('SIGINT');
    const { code, stderr } = await agent.exited;
    assert.equal(code, 130);
    assert.match(
      stderr,
      /"message":"The agent is stopping\."[\s\S]*nats-server ended\./,
      'the agent first, then its bus',
    );
    assert.doesNotMatch(stderr, /The bus cannot be reached/);
    assert.equal((await runCli(['auth', 'status'], { env })).code, 69);
  });

  test('rockbot agent - a bus that answers is used and left alone', async () => {
    await using folder = await testFolder();
    const env = await environment(folder.path);
    await using first = startCli(['agent'], { env });
    await first.printed('stderr', ready);
    const second = startCli(['agent', '--agent', 'second'], {
      env: { ...env, XDG_DATA_HOME: join(folder.path, 'data-2') },
    });
    await second.printed('stderr', ready);
    assert.doesNotMatch(second.stderr(), /nats-server listens/);
    const status = await runCli(['auth', 'status', '--agent', 'second', '--json'], { env });
    assert.equal(jsonLines(status.stdout)[0]?.['status'], 'not_connected');
    second.signal('SIGTERM');
    assert.equal((await second.exited).code, 130);
    assert.equal((await runCli(['auth', 'status'], { env })).code, 0);
    first.signal('SIGINT');
    await first.exited;
  });

  test('rockbot agent - an agent that cannot start is told with its reasons, and the bus ends', async () => {
    await using folder = await testFolder();
    const { WorkIQ__TenantId: _, ...env } = await environment(folder.path);
    const { code, stderr } = await runCli(['agent'], { env });
    assert.equal(code, 78, stderr);
    assert.match(stderr, /WorkIQ__TenantId/);
    assert.match(stderr, /nats-server ended\./);
  });

  test('rockbot agent - a bus elsewhere is not started here', async () => {
    await using folder = await testFolder();
    const env = { ...(await environment(folder.path)), ROCKBOT_NATS_URL: 'ws://rockbot.invalid:4223' };
    const { code, stderr } = await runCli(['agent'], { env });
    assert.equal(code, 69);
    assert.match(stderr, /started here only at a ws:\/\/ address of this machine/);
  });

  test('rockbot agent - when it is killed outright, agent and bus end by themselves', async () => {
    await using folder = await testFolder();
    const env = { ...(await environment(folder.path)), Log__Level: 'debug' };
    const agent = startCli(['agent'], { env });
    await agent.printed('stderr', ready);
    const lock = JSON.parse(await readFile(join(folder.path, 'data', 'rockbot', 'agent', 'agent.lock'), 'utf8')) as {
      pid: number;
    };
    assert.ok(isAlive(lock.pid));
    agent.signal('SIGKILL');
    await agent.exited;
    await untilGone([lock.pid]);
    for (let waited = 0; (await runCli(['auth', 'status'], { env })).code !== 69; waited += 1) assert.ok(waited < 20);
  });
});
