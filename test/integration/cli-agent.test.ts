// rockbot agent with the real agent, a bus that it starts itself, and both simulators: the whole story from a terminal.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { jsonLines, runCli, startCli, testFolder, type CliExit } from '../support/cli.ts';
import { startEntra, type EntraSimulator } from '../support/entra/simulator.ts';
import { freePort } from '../support/free-port.ts';
import { startTestNats, testNatsProgram } from '../support/nats.ts';
import { startWorkIq, type WorkIqSimulator } from '../support/workiq/simulator.ts';
import { isAlive } from '../support/is-alive.ts';

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

async function untilGone(pids: number[]): Promise<void> {
  for (let waited = 0; pids.some(isAlive); waited += 1) {
    assert.ok(waited < 150, 'still running');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ready = /"message":"The agent is ready\."/;

/** Of an agent that runs beside a dozen commands, each a process of its own that takes seconds on a busy machine. */
const storyMs = 300_000;

describe('rockbot agent', () => {
  test('rockbot agent - [S1] from nothing to mail and back, on a bus that it starts and ends', async () => {
    await using folder = await testFolder();
    const env = await environment(folder.path);
    await using agent = startCli(['agent'], { env, timeoutMs: storyMs });
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
    await using first = startCli(['agent'], { env, timeoutMs: storyMs });
    await first.printed('stderr', ready);
    await using second = startCli(['agent', '--agent', 'second'], {
      env: { ...env, XDG_DATA_HOME: join(folder.path, 'data-2') },
      timeoutMs: storyMs,
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

  for (const [from, settings] of [
    ['the environment', async (own: Record<string, unknown>) => own as Record<string, string>],
    [
      'the file of its settings',
      async ({ Nats__Url, Agent__Name, ...own }: Record<string, unknown>, folder: string) => {
        const file = join(folder, 'agent.json');
        await writeFile(file, JSON.stringify({ Nats: { Url: Nats__Url }, Agent__Name }));
        const [Agent__DataDir, Http__Host] = [join(folder, 'agent'), '127.0.0.1'];
        return { ...(own as Record<string, string>), Agent__DataDir, Http__Host, ROCKBOT_CONFIG: file };
      },
    ],
  ] as const) {
    test(`rockbot agent - the agent's own address and name, from ${from}, are taken as they are`, async () => {
      await using folder = await testFolder();
      const { ROCKBOT_NATS_URL: url, ...env } = await environment(folder.path);
      assert.ok(url);
      await using agent = startCli(['agent'], {
        env: await settings({ ...env, Nats__Url: url, Agent__Name: 'custom' }, folder.path),
        timeoutMs: storyMs,
      });
      await agent.printed('stderr', ready);
      assert.match(agent.stderr(), new RegExp(`nats-server listens on ${url}`));
      assert.match(agent.stderr(), new RegExp(`Starting agent custom on ${url}`));
      const status = (name: string): Promise<CliExit> =>
        runCli(['auth', 'status', '--agent', name, '--json'], { env: { ...env, ROCKBOT_NATS_URL: url } });
      assert.equal((await status('custom')).code, 0);
      assert.equal((await status('rockbot')).code, 69);
      agent.signal('SIGINT');
      assert.equal((await agent.exited).code, 130);
    });
  }

  test('rockbot agent - an option wins over the settings of the agent, and its credentials reach the agent', async () => {
    await using folder = await testFolder();
    const { ROCKBOT_NATS_URL: _, ...env } = await environment(folder.path);
    const [seed, other] = [createSeed(), createSeed()];
    const [seedFile, otherFile] = [join(folder.path, 'agent.nk'), join(folder.path, 'other.nk')];
    await writeFile(seedFile, seed, { mode: 0o600 });
    await writeFile(otherFile, other, { mode: 0o600 });
    await using nats = await startTestNats({ users: [{ nkey: nkeyCredentials(seed).publicKey }] });
    await using agent = startCli(['agent', '--nats', nats.url, '--agent', 'given', '--nkey', seedFile], {
      env: { ...env, Nats__Url: 'ws://127.0.0.1:1', Agent__Name: 'own', Nats__NkeySeedFile: otherFile },
      timeoutMs: storyMs,
    });
    await agent.printed('stderr', ready);
    assert.doesNotMatch(agent.stderr(), /nats-server listens|refused the credentials/);
    const asAlice = { ...env, ROCKBOT_NATS_URL: nats.url, ROCKBOT_NKEY: seedFile, ROCKBOT_AGENT: 'given' };
    assert.equal((await runCli(['auth', 'status'], { env: asAlice })).code, 0);
    agent.signal('SIGTERM');
    assert.equal((await agent.exited).code, 130);
  });

  test('rockbot agent - settings that are no good are told by the agent, all together', async () => {
    await using folder = await testFolder();
    const { ROCKBOT_NATS_URL: _, ...env } = await environment(folder.path);
    const wrong = { ...env, Nats__Url: 'http://127.0.0.1', Agent__Name: 'No Name', WorkIQ__TenantId: '' };
    const { code, stderr } = await runCli(['agent'], { env: wrong });
    assert.equal(code, 78, stderr);
    assert.match(
      stderr,
      /Agent__Name is "No Name"[\s\S]*WorkIQ__TenantId|WorkIQ__TenantId[\s\S]*Agent__Name is "No Name"/,
    );
    assert.match(stderr, /Nats__Url is "http:\/\/127\.0\.0\.1"/);
    const unread = await runCli(['agent'], { env: { ...env, ROCKBOT_CONFIG: join(folder.path, 'none.json') } });
    assert.equal(unread.code, 78);
    assert.match(unread.stderr, /ROCKBOT_CONFIG file .*none\.json cannot be read \(ENOENT\)/);
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
    await using agent = startCli(['agent'], { env, timeoutMs: storyMs });
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
