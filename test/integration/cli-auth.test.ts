// rockbot auth as a child process: both ways to sign in against the Entra simulator, a real bus, real sealed hand-offs,
// every way it can end, and what must never be left behind.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { base64url } from 'jose';
import { z } from 'zod';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { credentialsSigner } from '../../extension/consent/signer.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import type { NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startAgentStandIn, type AgentStandInOptions } from '../support/agent-stand-in.ts';
import { jsonLines, runCli, startCli, testFolder, type RunningCli } from '../support/cli.ts';
import { startEntra, type EntraSimulator } from '../support/entra/simulator.ts';
import { startTestNats } from '../support/nats.ts';
import { writeFile } from 'node:fs/promises';

const browser = new URL('../support/browser.mjs', import.meta.url).pathname;

let nats: NatsServerProcess;
let entra: EntraSimulator;

before(async () => {
  nats = await startTestNats();
  entra = await startEntra({ settings: { deviceCodeIntervalSeconds: 0.2 } });
});

after(async () => {
  await entra.close();
  await nats.stop();
});

interface Scene extends AsyncDisposable {
  agent: Awaited<ReturnType<typeof startAgentStandIn>>;
  folder: string;
  env: Record<string, string>;
  arguments: string[];
}

let scenes = 0;

/** An agent and a home folder of its own on the common bus. */
async function scene(options: Partial<AgentStandInOptions> = {}): Promise<Scene> {
  const name = `test-${(scenes += 1)}`;
  const folder = await testFolder();
  const agent = await startAgentStandIn({ busUrl: nats.url, agent: name, entra, ...options });
  await entra.control.reset();
  return {
    agent,
    folder: folder.path,
    arguments: ['--agent', name],
    env: {
      ROCKBOT_NATS_URL: nats.url,
      HOME: folder.path,
      XDG_CONFIG_HOME: join(folder.path, 'config'),
      WorkIQ__CaFile: entra.caFile,
      PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
    },
    async [Symbol.asyncDispose]() {
      await agent.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function deviceCode(cli: RunningCli): Promise<string> {
  const [, userCode = ''] = await cli.printed('stdout', /"userCode":"([^"]+)"/);
  return userCode;
}

/** Nothing that Entra ever issued stands in the text or in any file of the folder. */
async function assertNoSecret(text: string, folder: string): Promise<void> {
  const secrets = (await entra.control.secrets()).filter(({ kind }) => kind !== ('user_code' as string));
  assert.ok(secrets.length > 0);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
  for (const { kind, value } of secrets) {
    assert.ok(!text.includes(value), `printed: ${kind}`);
    for (const content of contents) assert.ok(!content.includes(value), `stored: ${kind}`);
  }
}

describe('rockbot auth workiq with a device code', () => {
  test('device code - [S4, P5, P6] events as the contract has them, a sealed hand-off, nothing left behind', async () => {
    await using at = await scene();
    const cli = startCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env: at.env });
    const userCode = await deviceCode(cli);
    // Not connected before the agent said so.
    assert.doesNotMatch(cli.stdout(), /"connected"/);
    await entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
    const { code, stdout, stderr } = await cli.exited;
    assert.equal(code, 0, stderr);

    const [shown, connected, ...more] = jsonLines(stdout);
    assert.deepEqual(more, []);
    assert.deepEqual(Object.keys(shown ?? {}), ['event', 'userCode', 'verificationUri', 'expiresAt']);
    assert.equal(shown?.['event'], 'device_code');
    assert.equal(shown['verificationUri'], `${entra.origin}/devicelogin`);
    assert.ok(Date.parse(String(shown['expiresAt'])) > Date.now());
    assert.deepEqual(connected, {
      event: 'connected',
      account: { id: at.agent.handOffs[0]?.accountId, username: 'adele@contoso.example', tenantId: entra.tenantId },
      generation: 1,
    });
    assert.match(stderr, new RegExp(userCode));

    const [claims] = at.agent.handOffs;
    assert.ok(claims);
    assert.equal(claims.exp - claims.iat, 120);
    assert.equal(claims.gen, 1);
    const cache = JSON.parse(new TextDecoder().decode(base64url.decode(claims.cache))) as Record<string, object>;
    assert.equal(Object.keys(cache['RefreshToken'] ?? {}).length, 1);
    assert.equal(Object.keys(cache['Account'] ?? {}).length, 1);
    await assertNoSecret(stdout + stderr, at.folder);
    assert.ok(!(stdout + stderr).includes(claims.cache.slice(0, 64)));
  });

  test('device code - [P2] identity and known keys are files that only the user can read', async () => {
    await using at = await scene();
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const first = await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env: at.env });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /✔ The agent test-\d+ is connected as adele@contoso\.example/);
    assert.match(first.stderr, /First hand-off to the agent test-\d+; its key is SHA256:/);
    const folder = join(at.folder, 'config', 'rockbot');
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.deepEqual((await readdir(folder)).toSorted(), ['known-agents.json', 'signer.nk']);
    for (const name of await readdir(folder)) {
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
    }
    const second = await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env: at.env });
    assert.equal(second.code, 0, second.stderr);
    assert.doesNotMatch(second.stderr, /First hand-off/);
    assert.match(second.stderr, /connected as adele@contoso\.example already/);
    const [a, b] = at.agent.handOffs;
    assert.equal(a?.iss, b?.iss, 'the identity is kept');
    assert.equal((b?.gen ?? 0) - (a?.gen ?? 0), 1);
  });

  test('device code - slow_down, 503, resets and HTML of a proxy do not end it', async () => {
    await using at = await scene();
    const cli = startCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env: at.env });
    const userCode = await deviceCode(cli);
    for (const action of [
      { kind: 'unavailable', body: 'html' },
      { kind: 'reset' },
      { kind: 'throttled', retryAfterSeconds: 0 },
      { kind: 'truncated' },
    ] as const) {
      await entra.control.addFault({ endpoint: 'token', times: 1, action });
    }
    const wasPolled = async (): Promise<boolean> => (await entra.control.faults()).length === 0;
    for (let waited = 0; !(await wasPolled()) && waited < 100; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
    const { code, stderr } = await cli.exited;
    assert.equal(code, 0, stderr);
  });

  for (const [decision, message] of [
    ['decline', /declined/],
    ['expire', /expired/],
  ] as const) {
    test(`device code - ${decision} ends with exit code 77 and a failed event`, async () => {
      await using at = await scene();
      const cli = startCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env: at.env });
      await entra.control.decideDeviceCode({ userCode: await deviceCode(cli), decision });
      const { code, stdout, stderr } = await cli.exited;
      assert.equal(code, 77, stderr);
      const last = jsonLines(stdout).at(-1) as { event: string; error: { code: string; message: string } };
      assert.equal(last.event, 'failed');
      assert.equal(last.error.code, 'auth_required');
      assert.match(last.error.message, message);
      assert.equal(at.agent.handOffs.length, 0);
    });
  }

  test('device code - the wrong account is refused before anything is sent', async () => {
    await using at = await scene({ profile: { expectedAccount: 'megan@contoso.example' } });
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const { code, stderr } = await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env: at.env });
    assert.equal(code, 77);
    assert.match(stderr, /You signed in as adele@contoso\.example, but the agent works for megan@contoso\.example/);
    assert.equal(at.agent.handOffs.length, 0);
  });

  test('device code - [P5] a refusal of the agent is said with its reason, and never "connected"', async () => {
    await using at = await scene({
      onHandOff: () => {
        throw new RockBotError({ code: 'handoff_refused', reason: 'signer', message: 'Not trusted.', action: 'Ask.' });
      },
    });
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const { code, stdout, stderr } = await runCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], {
      env: at.env,
    });
    assert.equal(code, 77, stderr);
    assert.match(stderr, /✖ Not trusted\. \[handoff_refused, signer\]\n {2}→ Ask\./);
    assert.deepEqual(
      jsonLines(stdout).map((line) => line['event']),
      ['device_code', 'failed'],
    );
    assert.deepEqual(await readdir(join(at.folder, 'config', 'rockbot')), ['signer.nk']);
  });

  test('device code - missing consent names the page where an administrator consents', async () => {
    await using at = await scene();
    await entra.control.addFault({ endpoint: 'token', times: 'all', action: { kind: 'aadsts', code: 65001 } });
    const { code, stderr } = await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env: at.env });
    assert.equal(code, 77);
    assert.match(stderr, /consent/);
    assert.ok(stderr.includes(`${entra.authority}/adminconsent?client_id=${entra.clientId}`), stderr);
  });

  test('device code - the time limit ends it', async () => {
    await using at = await scene();
    const { code, stderr } = await runCli(['auth', 'workiq', '--device-code', '--timeout', '1', ...at.arguments], {
      env: at.env,
    });
    assert.equal(code, 77);
    assert.match(stderr, /Nobody completed the sign-in within 1 s/);
  });

  test('device code - an unreachable or untrusted sign-in service is told with what to do', async () => {
    await using at = await scene();
    const { WorkIQ__CaFile: _, ...env } = at.env;
    const untrusted = await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env });
    assert.equal(untrusted.code, 1);
    assert.match(untrusted.stderr, /certificate of the sign-in service .* is not trusted[^\n]*\n.*WorkIQ__CaFile/);
    await using gone = await scene({ profile: { authority: `https://localhost:1/${entra.tenantId}` } });
    const unreachable = await runCli(['auth', 'workiq', '--device-code', ...gone.arguments], { env: gone.env });
    assert.equal(unreachable.code, 1);
    assert.match(unreachable.stderr, /localhost:1 cannot be reached \(ECONNREFUSED\)/);
  });

  test('device code - a claims challenge of the agent reaches Entra', async () => {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } });
    await using at = await scene({
      state: { status: 'expired', reason: { code: 'auth_required', message: 'm', action: 'a', claims } },
    });
    const cli = startCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env: at.env });
    await entra.control.decideDeviceCode({ userCode: await deviceCode(cli), decision: 'approve', user: 'adele' });
    const { code, stderr } = await cli.exited;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /additional check/);
    const [handOff] = at.agent.handOffs;
    const { AccessToken } = z
      .looseObject({ AccessToken: z.record(z.string(), z.looseObject({ secret: z.string() })) })
      .parse(JSON.parse(new TextDecoder().decode(base64url.decode(handOff?.cache ?? ''))));
    const token = Object.values(AccessToken)[0]?.secret ?? '';
    await entra.control.changeSettings({ requiredClaims: { acrs: ['c1'] } });
    assert.ok((await entra.control.introspect({ token })).active);
  });

  test('device code - [P3] a changed key is refused, also on this machine, and taken with --trust-new-key', async () => {
    await using at = await scene();
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const { env } = at;
    assert.equal((await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env })).code, 0);
    await at.agent.close();
    await using renewed = await startAgentStandIn({ busUrl: nats.url, agent: at.arguments[1] ?? '', entra });
    const refused = await runCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env });
    assert.equal(refused.code, 77);
    assert.match(refused.stderr, /shows another key than before[\s\S]*--trust-new-key/);
    assert.equal((await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env })).code, 77);
    assert.equal(renewed.handOffs.length, 0);
    const trusted = await runCli(['auth', 'workiq', '--device-code', '--trust-new-key', ...at.arguments], { env });
    assert.equal(trusted.code, 0, trusted.stderr);
    const again = await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env });
    assert.equal(again.code, 0, again.stderr);
  });

  test('device code - [P3] whoever shows the known key and another sign-in service gets no sign-in, until --trust-new-key', async () => {
    await using at = await scene();
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const { env } = at;
    assert.equal((await runCli(['auth', 'workiq', '--device-code', ...at.arguments], { env })).code, 0);
    const { origin, port } = new URL(entra.authority);
    const elsewhere = `https://127.0.0.1:${port}`;
    // The profile is public and not signed: its key can be shown by anybody.
    const profile = await at.agent.profile();
    await at.agent.close();
    await using impostor = await startAgentStandIn({
      busUrl: nats.url,
      agent: at.arguments[1] ?? '',
      profile: { ...profile, authority: entra.authority.replace(origin, elsewhere) },
    });
    const refused = await runCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env });
    assert.equal(refused.code, 77);
    assert.doesNotMatch(refused.stdout, /device_code/);
    assert.match(refused.stderr, new RegExp(`wants the sign-in at ${elsewhere}, instead of ${origin}`));
    assert.match(refused.stderr, /--trust-new-key/);
    const trusted = await runCli(['auth', 'workiq', '--device-code', '--json', '--trust-new-key', ...at.arguments], {
      env,
    });
    assert.match(trusted.stdout, /device_code|certificate|sign-in service/);
    assert.equal(impostor.handOffs.length, 0);
  });

  test('device code - the nkey of the bus user signs the hand-off', async () => {
    await using at = await scene();
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const seed = createSeed();
    const path = join(at.folder, 'me.nk');
    await writeFile(path, `${seed}\n`);
    const { code, stderr } = await runCli(['auth', 'workiq', '--device-code', '--nkey', path, ...at.arguments], {
      env: at.env,
    });
    assert.equal(code, 0, stderr);
    assert.equal(at.agent.handOffs[0]?.iss, credentialsSigner(nkeyCredentials(seed)).publicKey);
    assert.ok(!stderr.includes(seed));
  });
});

const withBrowser = (at: Scene, more: Record<string, string>): Record<string, string> => ({
  ...at.env,
  ROCKBOT_BROWSER: browser,
  BROWSER_LOG: join(at.folder, 'browser.log'),
  ...more,
});

describe('rockbot auth workiq with the browser', () => {
  test('browser - it is opened with one address and ends with the agent connected', async () => {
    await using at = await scene();
    const env = withBrowser(at, { BROWSER_USER: 'adele' });
    const { code, stdout, stderr } = await runCli(['auth', 'workiq', '--json', ...at.arguments], { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      jsonLines(stdout).map((line) => line['event']),
      ['connected'],
    );
    const [opened, outcome] = jsonLines(await readFile(env['BROWSER_LOG'] ?? '', 'utf8'));
    assert.deepEqual(opened?.['rest'], []);
    const query = new URL(String(opened['url'])).searchParams;
    assert.equal(query.get('code_challenge_method'), 'S256');
    assert.match(query.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+$/);
    assert.ok(stderr.includes(String(opened['url'])), 'the address is printed, too');
    assert.match(String(outcome?.['html']), /RockBot now hands this sign-in to your agent/);
    await assertNoSecret(stdout + stderr, at.folder);
  });

  test('browser - declining consent is told, with both ways to go on', async () => {
    await using at = await scene();
    const env = withBrowser(at, { BROWSER_USER: 'adele', BROWSER_DECISION: 'decline' });
    const { code, stdout, stderr } = await runCli(['auth', 'workiq', '--browser', '--json', ...at.arguments], { env });
    assert.equal(code, 77, stderr);
    const [failed] = jsonLines(stdout) as { error: { code: string } }[];
    assert.equal(failed?.error.code, 'consent_required');
    assert.match(stderr, /Sign in again and accept, or ask a tenant administrator/);
    const html = String(jsonLines(await readFile(env['BROWSER_LOG'] ?? '', 'utf8')).at(-1)?.['html']);
    assert.match(html, /Sign-in not completed/);
  });

  test('browser - a program that cannot be started leaves the address to the user', async () => {
    await using at = await scene();
    const env = { ...at.env, ROCKBOT_BROWSER: join(import.meta.dirname, 'none', 'browser') };
    await using cli = startCli(['auth', 'workiq', ...at.arguments], { env });
    await cli.printed('stdout', /https:\/\/localhost:\d+\/\S+authorize\?/);
    await cli.printed('stderr', /No browser could be opened here/);
    cli.signal('SIGINT');
    assert.equal((await cli.exited).code, 130);
  });

  test('browser - the time limit closes the loopback listener', async () => {
    await using at = await scene();
    const started = performance.now();
    const { code, stderr } = await runCli(['auth', 'workiq', '--browser', '--timeout', '1', ...at.arguments], {
      env: withBrowser(at, {}),
    });
    assert.equal(code, 77);
    assert.match(stderr, /Nobody completed the sign-in within 1 s/);
    assert.ok(performance.now() - started < 10_000);
  });
});

describe('rockbot auth workiq cancelled', () => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    test(`cancel - ${name} while waiting for the code ends with 130 and no more polls`, async () => {
      await using at = await scene();
      const cli = startCli(['auth', 'workiq', '--device-code', '--json', ...at.arguments], { env: at.env });
      const userCode = await deviceCode(cli);
      cli.signal(name);
      const { code, stdout } = await cli.exited;
      assert.equal(code, 130);
      const last = jsonLines(stdout).at(-1) as { event: string; error: { code: string } };
      assert.deepEqual([last.event, last.error.code], ['failed', 'cancelled']);
      await entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(at.agent.handOffs.length, 0);
    });
  }

  test('cancel - while the browser is open the loopback listener is closed', async () => {
    await using at = await scene();
    const env = { ...at.env, ROCKBOT_BROWSER: browser };
    const cli = startCli(['auth', 'workiq', ...at.arguments], { env });
    const [, port = ''] = await cli.printed('stdout', /redirect_uri=http%3A%2F%2Flocalhost%3A(\d+)/);
    cli.signal('SIGINT');
    assert.equal((await cli.exited).code, 130);
    await assert.rejects(
      new Promise((resolve, reject) => connectSocket(Number(port), '127.0.0.1', () => resolve(0)).on('error', reject)),
    );
  });

  test('cancel - before the sign-in service answered', async () => {
    await using at = await scene();
    await entra.control.changeSettings({ hang: true });
    try {
      const cli = startCli(['auth', 'workiq', '--device-code', ...at.arguments], { env: at.env });
      await cli.printed('stderr', /First hand-off/);
      cli.signal('SIGINT');
      assert.equal((await cli.exited).code, 130);
    } finally {
      await entra.control.changeSettings({ hang: false });
    }
  });

  test('cancel - after the hand-off was sent it is said that the agent may have taken it', async () => {
    const reached = new EventEmitter();
    await using at = await scene({
      onHandOff: () => {
        reached.emit('hand-off');
        return new Promise(() => {});
      },
    });
    const sent = once(reached, 'hand-off');
    await entra.control.changeSettings({ autoApproveDeviceCodesAs: 'adele' });
    const cli = startCli(['auth', 'workiq', '--device-code', ...at.arguments], { env: at.env });
    await sent;
    cli.signal('SIGINT');
    const { code, stderr } = await cli.exited;
    assert.equal(code, 130);
    assert.match(stderr, /on its way already; "rockbot auth status"/);
  });
});

describe('rockbot auth status and disconnect', () => {
  test('auth status - it shows the state, and JSON alone with --json', async () => {
    const account = { id: 'oid', username: 'adele@contoso.example', tenantId: 'tid' };
    const reason = {
      code: 'auth_required',
      aadsts: 'AADSTS50173',
      message: 'The password was changed.',
      action: 'Sign in again.',
    };
    await using at = await scene({ state: { status: 'expired', account, reason } });
    const human = await runCli(['auth', 'status', ...at.arguments], { env: at.env });
    assert.equal(human.code, 0);
    assert.match(human.stdout, /● Sign-in expired as adele@contoso\.example/);
    assert.match(human.stdout, /The password was changed\. \(AADSTS50173\)/);
    const json = await runCli(['auth', 'status', '--json', ...at.arguments], { env: at.env });
    const [state, ...more] = jsonLines(json.stdout);
    assert.deepEqual(more, []);
    assert.equal(state?.['status'], 'expired');
    assert.deepEqual(state['reason'], reason);
  });

  test('auth disconnect - it says what is gone, or that nothing was there', async () => {
    const account = { id: 'oid', username: 'adele@contoso.example', tenantId: 'tid' };
    await using at = await scene({ state: { status: 'connected', account } });
    const first = await runCli(['auth', 'disconnect', ...at.arguments], { env: at.env });
    assert.equal(first.code, 0);
    assert.match(first.stdout, /disconnected from Microsoft 365\. It acted as adele@contoso\.example/);
    assert.match(first.stdout, /removed the token cache/);
    const second = await runCli(['auth', 'disconnect', ...at.arguments], { env: at.env });
    assert.equal(second.code, 0);
    assert.match(second.stdout, /nothing to remove/);
  });
});
