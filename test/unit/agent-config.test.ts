// The agent's settings: what is refused and with which words, what the defaults are, and that nothing starts on a guess.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { createUser } from '@nats-io/nkeys';
import { loadConfig } from '../../agent/config/agent-config.ts';
import { encodeEnvelope } from '../../agent/auth/cache-envelope.ts';
import { volumeProblem } from '../../agent/files/volume-problem.ts';
import { ConfigError } from '../../agent/config/config-problems.ts';
import { jsonLine, startChild } from '../support/child.ts';

const tenantId = '11111111-1111-4111-8111-111111111111';
const required = { WorkIQ__TenantId: tenantId, WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222' };

const someConnection = {
  account: { id: 'a', username: 'adele', tenantId, homeAccountId: 'h', environment: 'e' },
  scopes: [],
  signer: 'U',
  connectedAt: '2026-01-01T00:00:00Z',
  lastRefreshAt: '2026-01-01T00:00:00Z',
  accessTokens: {},
  cache: '{}',
};

let folder = '';
const file = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-config-'));
  const seed = new TextDecoder().decode(createUser().getSeed());
  await writeFile(file('seed.nk'), `${seed}\n`);
  await writeFile(file('garbage'), 'not what anybody wanted\n');
  await writeFile(
    file('user.creds'),
    `-----BEGIN NATS USER JWT-----\nx\n------END NATS USER JWT------\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  );
  await writeFile(file('key.raw'), randomBytes(32));
  await writeFile(file('key.hex'), `${randomBytes(32).toString('hex')}\n`);
  await writeFile(file('key.base64'), randomBytes(32).toString('base64'));
  await writeFile(file('key.short'), randomBytes(16).toString('hex'));
  await mkdir(file('folder'));
  await symlink(file('key.hex'), `${folder}-key-link`);
});
after(async () => {
  await rm(`${folder}-key-link`);
  await rm(folder, { recursive: true, force: true });
});

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig({ ...required, ...env });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

function authority(value: string): string {
  return loadConfig({ ...required, WorkIQ__Authority: value }).workiq.authority;
}

/** Name of the row -> settings (with `{file}` for a file of the test), and what the one problem must say. */
const refused: Record<string, [Record<string, string>, RegExp]> = {
  'no tenant': [{ WorkIQ__TenantId: '' }, /^WorkIQ__TenantId is missing: .*GUID/],
  'a tenant name for a GUID': [{ WorkIQ__TenantId: 'contoso' }, /^WorkIQ__TenantId is "contoso"/],
  'no client': [{ WorkIQ__ClientId: ' ' }, /^WorkIQ__ClientId is missing/],
  'a client with odd characters': [{ WorkIQ__ClientId: 'a b' }, /^WorkIQ__ClientId is "a b"/],
  'an agent name of two tokens': [{ Agent__Name: 'rock.bot' }, /^Agent__Name is "rock\.bot"/],
  'an agent name that is a wildcard': [{ Agent__Name: '*' }, /^Agent__Name/],
  'a long agent name': [{ Agent__Name: 'a'.repeat(33) }, /^Agent__Name/],
  'a bus elsewhere without credentials': [
    { Nats__Url: 'wss://bus.example:443' },
    /^Nats__Url is not on this machine: Nats__NkeySeedFile or Nats__CredsFile is needed/,
  ],
  'a bus on a name that only looks local': [{ Nats__Url: 'ws://localhost.example:4223' }, /^Nats__Url is not on this/],
  'a bus address of another kind': [{ Nats__Url: 'nats://127.0.0.1:4222' }, /^Nats__Url is "nats:.*use ws:/],
  'a bus address that is none': [{ Nats__Url: 'bus' }, /^Nats__Url is "bus"/],
  'credentials in the bus address': [{ Nats__Url: 'ws://u:p@127.0.0.1:4223' }, /^Nats__Url holds credentials/],
  'a seed file that is missing': [{ Nats__NkeySeedFile: '{file}/none' }, /^Nats__NkeySeedFile is .*ENOENT/],
  'a seed file that is a folder': [{ Nats__NkeySeedFile: '{file}/folder' }, /^Nats__NkeySeedFile/],
  'a seed file without a seed': [{ Nats__NkeySeedFile: '{file}/garbage' }, /^Nats__NkeySeedFile holds no nkey seed/],
  'a creds file without credentials': [{ Nats__CredsFile: '{file}/garbage' }, /^Nats__CredsFile holds no NATS user/],
  'a CA file that is missing is still shown': [{ Nats__CaFile: '{file}/none' }, /^Nats__CaFile is ".*none".*ENOENT/],
  'seed and creds at once': [
    { Nats__NkeySeedFile: '{file}/seed.nk', Nats__CredsFile: '{file}/user.creds' },
    /^Nats__NkeySeedFile and Nats__CredsFile exclude/,
  ],
  'a CA of the bus that is missing': [{ Nats__CaFile: '{file}/none' }, /^Nats__CaFile/],
  'a CA of Entra that is missing': [{ WorkIQ__CaFile: '{file}/none' }, /^WorkIQ__CaFile/],
  'an authority without TLS': [{ WorkIQ__Authority: 'http://login.example' }, /^WorkIQ__Authority is .*https/],
  'an origin with a path': [{ WorkIQ__AllowedOrigins: 'https://workiq.example/mcp' }, /^WorkIQ__AllowedOrigins holds/],
  'an origin without TLS': [{ WorkIQ__AllowedOrigins: 'http://workiq.example' }, /^WorkIQ__AllowedOrigins holds/],
  'any origin at all': [{ WorkIQ__AllowedOrigins: '*' }, /^WorkIQ__AllowedOrigins holds "\*"/],
  'a signer that is no nkey': [{ WorkIQ__TrustedSigners: 'alice' }, /^WorkIQ__TrustedSigners holds "alice"/],
  'a signer that is an account key': [{ WorkIQ__TrustedSigners: `A${'B'.repeat(55)}` }, /^WorkIQ__TrustedSigners/],
  'a cache key that is too short': [{ WorkIQ__CacheKeyFile: '{file}/key.short' }, /^WorkIQ__CacheKeyFile holds no 32/],
  'a cache key on the volume that it is to protect': [
    { Agent__DataDir: '{file}', WorkIQ__CacheKeyFile: '{file}/key.hex' },
    /^WorkIQ__CacheKeyFile lies in Agent__DataDir: keep it outside the volume/,
  ],
  'a cache key that a link leads to on the volume': [
    { Agent__DataDir: '{file}', WorkIQ__CacheKeyFile: '{file}-key-link' },
    /^WorkIQ__CacheKeyFile lies in Agent__DataDir/,
  ],
  'a cache key that is missing': [{ WorkIQ__CacheKeyFile: '{file}/none' }, /^WorkIQ__CacheKeyFile is .*ENOENT/],
  'a time that is no number': [{ McpBridge__DefaultTimeoutMs: 'long' }, /^McpBridge__DefaultTimeoutMs is "long"/],
  'a time of nothing': [{ McpBridge__MaxTimeoutMs: '0' }, /^McpBridge__MaxTimeoutMs/],
  'a port that is too high': [{ Http__Port: '70000' }, /^Http__Port is "70000"/],
  'a log level that is none': [{ Log__Level: 'loud' }, /^Log__Level is "loud": use one of debug/],
  'a profile without origins': [
    { Auth__Profiles__graph__Scopes: 'https://graph.example/Mail.Read' },
    /^Auth__Profiles__graph__AllowedOrigins is missing/,
  ],
  'a profile without scopes': [
    { Auth__Profiles__graph__AllowedOrigins: 'https://graph.example' },
    /^Auth__Profiles__graph__Scopes is missing/,
  ],
  'a misspelt guard': [{ WorkIQ__TrustedSigner: 'x' }, /^WorkIQ__TrustedSigner is no setting.*WorkIQ__TrustedSigners/],
  'a setting in another case': [{ WORKIQ__EXPECTEDACCOUNT: 'adele' }, /EXPECTEDACCOUNT.*WorkIQ__ExpectedAccount/i],
  'an unknown setting': [{ Agent__Colour: 'blue' }, /^Agent__Colour is no setting/],
  'a settings file that is missing': [{ ROCKBOT_CONFIG: '{file}/none' }, /^ROCKBOT_CONFIG: .*ENOENT/],
  'a settings file that is no JSON': [{ ROCKBOT_CONFIG: '{file}/garbage' }, /^ROCKBOT_CONFIG: .*JSON/],
};

describe('agent config - problems', () => {
  for (const [name, [settings, expected]] of Object.entries(refused)) {
    test(`agent config - ${name} is refused by name [P14]`, () => {
      const env = Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [key, value.replace('{file}', folder)]),
      );
      const problems = problemsOf(env);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', expected);
    });
  }

  test('agent config - the built-in profile cannot be redefined beside its own settings [P14]', () => {
    const problems = problemsOf({
      Auth__Profiles__workiq__Scopes: 'api://evil/.default',
      Auth__Profiles__workiq__AllowedOrigins: 'https://evil.example',
    });
    assert.match(problems.join('\n'), /"workiq" is built in/);
  });

  test('agent config - no message shows the content of a secret file [P6]', () => {
    const problems = problemsOf({ Nats__NkeySeedFile: file('garbage'), WorkIQ__CacheKeyFile: file('key.short') });
    assert.equal(problems.length, 2);
    assert.doesNotMatch(problems.join('\n'), /what anybody wanted/);
  });

  for (const name of ['WorkIQ__CacheKeyFile', 'Nats__NkeySeedFile', 'Nats__CredsFile']) {
    test(`agent config - a secret given as ${name} in place of its path is not shown [P6]`, () => {
      for (const secret of [
        randomBytes(32).toString('hex'),
        randomBytes(32).toString('base64'),
        'hunter2'.repeat(50),
      ]) {
        const [problem = '', ...more] = problemsOf({ [name]: secret });
        assert.deepEqual(more, []);
        assert.match(problem, new RegExp(`^${name} is no path of a file`));
        assert.ok(!problem.includes(secret.slice(0, 8)), problem);
      }
      assert.match(problemsOf({ [name]: file('folder') }).join(), /folder", which cannot be read \(EISDIR\)/);
    });
  }

  test('agent config - all problems are told together [P14]', () => {
    const problems = problemsOf({
      WorkIQ__TenantId: '',
      WorkIQ__ClientId: '',
      Nats__Url: 'wss://bus.example',
      Http__Port: '-1',
      Agent__Name: 'A',
      WorkIQ__TrustedSinger: 'x',
    });
    assert.equal(problems.length, 6, problems.join('\n'));
  });
});

/** Runs the agent's program until it ends by itself; root, who may write everywhere, can give up that right. */
async function runAgent(
  env: NodeJS.ProcessEnv,
  { withoutRights = false } = {},
): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [new URL('../../agent/main.ts', import.meta.url).pathname], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(withoutRights && process.getuid?.() === 0 && { uid: 65_534, gid: 65_534 }),
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

describe('agent config - the volume [P14]', () => {
  const unusable: [what: string, prepare: () => Promise<string>, expected: RegExp][] = [
    ['is a file', async () => file('garbage'), /garbage", which is no folder \(ENOTDIR\)/],
    ['is below a file', async () => join(file('garbage'), 'x'), /garbage\/x", which cannot be made.*\(ENOTDIR\)/],
    [
      'may not be written to',
      async () => {
        await mkdir(file('read-only'), { mode: 0o555, recursive: true });
        return file('read-only');
      },
      /read-only", which cannot be written to \(EACCES\)/,
    ],
    ['may not be made', async () => '/never-made/agent', /never-made\/agent", which cannot be made.*\(EACCES\)/],
  ];
  for (const [what, prepare, expected] of unusable) {
    test(`agent config - an Agent__DataDir that ${what} is told by name, with the other problems, and ends with 78`, async () => {
      await chmod(folder, 0o755);
      const { code, text } = await runAgent(
        { Agent__DataDir: await prepare(), Http__Port: 'x' },
        { withoutRights: true },
      );
      assert.equal(code, 78, text);
      assert.match(text, expected);
      for (const name of ['Agent__DataDir', 'WorkIQ__TenantId', 'Http__Port']) assert.match(text, new RegExp(name));
    });
  }

  test('agent config - a volume that can be used is looked at without leaving anything behind', async () => {
    const dataDir = await mkdtemp(join(folder, 'volume-'));
    assert.equal(volumeProblem(dataDir), undefined);
    assert.equal(volumeProblem(join(dataDir, 'a', 'b')), undefined);
    assert.deepEqual(await readdir(dataDir), []);
  });

  test('agent config - a missing key and a wrong one of the token cache name their setting, and end with 78', async () => {
    const cacheFile = join(await mkdtemp(join(folder, 'volume-')), 'cache.bin');
    await chmod(folder, 0o755);
    const envelope = { tenantId, clientId: required.WorkIQ__ClientId, generation: 1, connection: someConnection };
    const written = await encodeEnvelope(envelope, {
      key: new Uint8Array(randomBytes(32)),
      savedAt: new Date().toISOString(),
    });
    await writeFile(cacheFile, written);
    for (const key of [{}, { WorkIQ__CacheKeyFile: file('key.hex') }]) {
      const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-config-'));
      const { code, text } = await runAgent({
        ...required,
        ...key,
        Http__Host: '127.0.0.1',
        Http__Port: '0',
        Agent__DataDir: dataDir,
        WorkIQ__CacheFile: cacheFile,
      });
      await rm(dataDir, { recursive: true });
      assert.equal(code, 78, text);
      assert.match(text, /WorkIQ__CacheKeyFile: /);
    }
  });
});

describe('agent config - the program [P14]', () => {
  test('agent config - the agent says every problem, ends with 78 and starts nothing [P14]', async () => {
    const dataDir = file('never-made');
    const { code, text } = await runAgent({ Agent__DataDir: dataDir, Nats__Url: 'wss://bus.example', Http__Port: 'x' });
    assert.equal(code, 78);
    for (const name of ['WorkIQ__TenantId', 'WorkIQ__ClientId', 'Nats__Url', 'Http__Port'])
      assert.match(text, new RegExp(name));
    assert.equal((await readdir(folder)).includes('never-made'), false);
  });
});

describe('agent config - what is accepted', () => {
  test('agent config - a cache key beside the volume, and one that a link on the volume leads to, are outside it', async () => {
    const dataDir = await mkdtemp(join(folder, 'volume-'));
    await symlink(file('key.hex'), join(dataDir, 'key'));
    for (const path of [file('key.hex'), join(dataDir, 'key')]) {
      const config = loadConfig({ ...required, Agent__DataDir: dataDir, WorkIQ__CacheKeyFile: path });
      assert.equal(config.workiq.cacheKey?.length, 32);
    }
  });

  test('agent config - scopes without their resource are those of Microsoft Graph; the log says so at the start', async () => {
    const settings = {
      ...required,
      WorkIQ__Scopes: 'User.Read email',
      Auth__Profiles__mail__Scopes: 'Mail.Read api://a/One',
      Auth__Profiles__mail__AllowedOrigins: 'https://mail.example',
    };
    const { profiles, warnings } = loadConfig(settings);
    assert.ok(profiles[0].scopes.includes('User.Read'));
    assert.equal(warnings.length, 2, warnings.join('\n'));
    assert.match(warnings[0] ?? '', /^WorkIQ__Scopes holds "User\.Read" without its resource.*Microsoft Graph/);
    assert.match(warnings[1] ?? '', /^Auth__Profiles__mail__Scopes holds "Mail\.Read" without/);
    assert.deepEqual(loadConfig(required).warnings, []);

    await using agent = await startChild({
      name: 'agent',
      args: [new URL('../../agent/main.ts', import.meta.url).pathname],
      env: {
        ...settings,
        Nats__Url: 'ws://127.0.0.1:1',
        Agent__DataDir: await mkdtemp(join(folder, 'volume-')),
        Http__Host: '127.0.0.1',
        Http__Port: '0',
      },
      readyLine: (line) => (line.includes('The bus cannot be reached yet') ? true : undefined),
    });
    const lines = agent.output().split('\n').map(jsonLine) as ({ level: string; message: string } | undefined)[];
    const warned = lines.filter((line) => line?.level === 'warn').map((line) => line?.message);
    assert.deepEqual(warned.slice(0, 2), warnings);
  });

  test('agent config - calls per day of a profile are whole numbers, and anything else stops the start [P14]', () => {
    const further = {
      Auth__Profiles__mail__Scopes: 'api://x/y',
      Auth__Profiles__mail__AllowedOrigins: 'https://m.example',
    };
    const { profiles } = loadConfig({
      ...required,
      ...further,
      WorkIQ__CallsPerDay: '500',
      Auth__Profiles__mail__CallsPerDay: '0',
      Auth__Profiles__mail__CallsPerDayPerCaller: '20',
    });
    assert.deepEqual(
      profiles.map(({ limits }) => limits),
      [{ callsPerDay: 500 }, { callsPerDay: 0, callsPerDayPerCaller: 20 }],
    );
    for (const [name, value] of [
      ['WorkIQ__CallsPerDay', 'many'],
      ['WorkIQ__CallsPerDay', '-1'],
      ['WorkIQ__CallsPerDayPerCaller', '1.5'],
      ['WorkIQ__CallsPerDay', ' '],
      ['WorkIQ__CallPerDay', '5'],
    ] as const)
      assert.throws(
        () => loadConfig({ ...required, [name]: value }),
        (error) => error instanceof ConfigError && error.message.includes(name),
        `${name}=${value}`,
      );
  });

  test('agent config - two settings are enough, and the rest is as documented', () => {
    const config = loadConfig(required);
    assert.deepEqual(
      { ...config, profiles: undefined },
      {
        name: 'rockbot',
        dataDir: '/data/agent',
        nats: { url: 'ws://127.0.0.1:4223', nkeySeed: undefined, creds: undefined, ca: undefined },
        workiq: {
          tenantId,
          clientId: required.WorkIQ__ClientId,
          authority: `https://login.microsoftonline.com/${tenantId}`,
          ca: undefined,
          trustedSigners: [],
          expectedAccount: undefined,
          cacheFile: '/data/agent/secrets/workiq-cache.bin',
          cacheKey: undefined,
        },
        profiles: undefined,
        bridge: {
          configPath: '/data/agent/mcp.json',
          defaultTimeoutMs: 60_000,
          maxTimeoutMs: 300_000,
          editableOverBus: 'registered',
        },
        patrolsPath: '/data/agent/patrols.json',
        http: { host: '0.0.0.0', port: 8090 },
        webhook: undefined,
        logLevel: 'info',
        warnings: [],
      },
    );
    assert.deepEqual(config.profiles, [
      {
        name: 'workiq',
        scopes: ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask', 'offline_access', 'openid', 'profile'],
        allowedOrigins: ['https://workiq.svc.cloud.microsoft', 'https://agent365.svc.cloud.microsoft'],
        guards: undefined,
        limits: {},
      },
    ]);
  });

  test('agent config - a bus on this machine needs no credentials, one elsewhere takes a seed or creds', () => {
    for (const url of ['ws://localhost:1', 'ws://127.0.0.1:1', 'ws://[::1]:1'])
      assert.deepEqual(problemsOf({ Nats__Url: url }), [], url);
    assert.deepEqual(problemsOf({ Nats__Url: 'wss://bus.example', Nats__NkeySeedFile: file('seed.nk') }), []);
    assert.deepEqual(problemsOf({ Nats__Url: 'wss://bus.example', Nats__CredsFile: file('user.creds') }), []);
  });

  test('[P6] agent config - printed or logged whole it shows neither seed nor creds', () => {
    for (const setting of [{ Nats__NkeySeedFile: file('seed.nk') }, { Nats__CredsFile: file('user.creds') }]) {
      const { nats } = loadConfig({ ...required, ...setting });
      assert.doesNotMatch(`${JSON.stringify(nats)} ${inspect(nats)}`, /SUA|BEGIN/);
      assert.match((nats.nkeySeed ?? nats.creds)?.reveal() ?? '', /SU[A-Z2-7]{10}|BEGIN/);
    }
  });

  test('agent config - a cache key may be raw, hex or base64', () => {
    for (const name of ['key.raw', 'key.hex', 'key.base64']) {
      const { workiq } = loadConfig({ ...required, WorkIQ__CacheKeyFile: file(name) });
      assert.equal(workiq.cacheKey?.length, 32, name);
    }
  });

  test('agent config - lists take spaces, commas and semicolons; the OpenID scopes are added once', () => {
    const { profiles } = loadConfig({
      ...required,
      WorkIQ__Scopes: 'api://a/One, api://a/Two;openid',
      WorkIQ__AllowedOrigins: 'https://a.example http://127.0.0.1:5000',
    });
    assert.deepEqual(profiles[0].scopes, ['api://a/One', 'api://a/Two', 'openid', 'offline_access', 'profile']);
    assert.deepEqual(profiles[0].allowedOrigins, ['https://a.example', 'http://127.0.0.1:5000']);
  });

  test('agent config - an authority with a path is kept, one without gets the tenant', () => {
    assert.equal(authority('https://login.example/'), `https://login.example/${tenantId}`);
    assert.equal(authority('https://login.example/common/'), 'https://login.example/common');
  });

  test('agent config - a settings file nests, and the environment wins over it', async () => {
    await writeFile(
      file('settings.json'),
      JSON.stringify({
        WorkIQ: { TenantId: tenantId, ClientId: 'from-file', Scopes: ['api://a/One', 'api://a/Two'] },
        Http: { Port: 9000 },
        Agent__Name: 'flat',
      }),
    );
    const config = loadConfig({ ROCKBOT_CONFIG: file('settings.json'), WorkIQ__ClientId: 'from-environment' });
    assert.equal(config.workiq.clientId, 'from-environment');
    assert.equal(config.http.port, 9_000);
    assert.equal(config.name, 'flat');
    assert.deepEqual(config.profiles[0].scopes.slice(0, 2), ['api://a/One', 'api://a/Two']);
  });

  test('agent config - variables of other programs are left alone', () => {
    assert.deepEqual(problemsOf({ HTTP_PROXY: 'x', Logging__Level: 'x', HOME: '/', WorkIQ: 'x' }), []);
  });
});
