// What a hand-off shows to others: on the bus with the shipped accounts, in the agent's output, and on its volume.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connectBus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { trustedCertificates } from '../../extension/bus/trusted-certificates.ts';
import { signInWithDeviceCode } from '../../extension/consent/device-code-flow.ts';
import { createEntraHttp } from '../../extension/consent/entra-http.ts';
import { handOff } from '../../extension/consent/hand-off.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { accountsFile, startAccountsBus, type BusUser } from '../support/accounts-bus.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { handOffClaims, sealAnyhow, signerOf, signInFor } from '../support/hand-offs.ts';
import { agentEnvironment, startEntraProcess, startStack } from '../support/stack.ts';

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** A secret as it is, and in the encodings in which it could hide. */
function formsOf(value: string): string[] {
  const forms = [value, Buffer.from(value).toString('base64').slice(4, -8), Buffer.from(value).toString('hex')];
  // Inside other text base64 starts at one of three offsets.
  for (const shift of [1, 2])
    forms.push(
      Buffer.from(`${'x'.repeat(shift)}${value}`)
        .toString('base64')
        .slice(4, -8),
    );
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

function assertSecretless(text: string, secrets: readonly { kind: string; value: string }[], where: string): void {
  assert.ok(secrets.length > 3, 'there are secrets to look for');
  for (const { kind, value } of secrets)
    for (const form of formsOf(value)) assert.ok(!text.includes(form), `${where} shows a ${kind}`);
}

describe('hand-off - on the bus with the shipped accounts', () => {
  test('hand-off - a watcher of the whole bus sees ciphertext, and no stream is asked to keep it [P3, P4, P6]', async () => {
    // The shipped accounts, and somebody who may read everything: they let no user do that.
    const shipped = await readFile(accountsFile, 'utf8');
    const configText = shipped.replace(
      'users: [',
      'users: [ { nkey: $ROCKBOT_STRANGER_NKEY, permissions { subscribe: { allow: ">" } } }',
    );
    await using bus = await startAccountsBus({ configText });
    const entra = await startEntraProcess();
    await using _entra = entra.child;
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-secrecy-'));
    const seedFile = join(folder, 'agent.nk');
    await writeFile(seedFile, bus.seed('AGENT'), { mode: 0o600 });
    await using agent = await startAgentProcess({
      busUrl: bus.server.url,
      env: { ...agentEnvironment(entra), Nats__NkeySeedFile: seedFile },
    });
    const [everyone, monitor] = [await bus.connect('STRANGER'), await bus.connect('MONITOR')];
    const seen: { subject: string; data: Uint8Array; headers: string; reply: string | undefined }[] = [];
    everyone.connection.subscribe('>', {
      callback: (error, { subject, data, headers, reply }) => {
        if (error === null)
          seen.push({ subject, data, headers: JSON.stringify(headers === undefined ? [] : [...headers]), reply });
      },
    });
    const monitored: string[] = [];
    monitor.connection.subscribe('auth.workiq.cache.*', {
      callback: (error, { data }) => {
        if (error === null) monitored.push(new TextDecoder().decode(data));
      },
    });
    await everyone.connection.flush();
    await monitor.connection.flush();

    const http = createEntraHttp({ ca: trustedCertificates(await readFile(entra.caFile, 'utf8')), env: {} });
    const seedOf = (user: BusUser): string => new TextDecoder().decode(bus.seed(user));
    const connect = async (user: BusUser): Promise<unknown> => {
      await using ui = await connectBus({
        url: bus.server.url,
        agent: 'rockbot',
        source: 'test',
        credentials: nkeyCredentials(seedOf(user)),
      });
      return await handOff({
        bus: ui,
        signer: signerOf(seedOf(user)),
        approveKey: async () => {},
        signIn: (request) =>
          signInWithDeviceCode(request, {
            http,
            onCode: ({ userCode }) =>
              void entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' }),
          }),
      });
    };
    await connect('UI_ALICE');
    await assert.rejects(connect('UI_BOB'), (error: unknown) => (error as RockBotError).reason === 'signer');
    await everyone.connection.flush();
    await monitor.connection.flush();

    const handOffs = seen.filter(({ subject }) => subject === 'auth.workiq.cache.rockbot');
    assert.equal(handOffs.length, 2);
    assert.deepEqual(
      monitored,
      handOffs.map(({ data }) => new TextDecoder().decode(data)),
      'the monitor sees the same',
    );
    for (const { data, reply } of handOffs) {
      const { sealed, ...rest } = JSON.parse(new TextDecoder().decode(data)) as { sealed: string };
      assert.deepEqual(rest, {}, 'the sealed cache and nothing beside it');
      assert.equal(sealed.split('.').length, 5);
      assert.match(reply ?? '', /^_INBOX_U/, 'a request of core NATS with an answer to its sender alone');
    }
    const everything = seen
      .map(({ subject, data, headers }) => `${subject} ${headers} ${new TextDecoder().decode(data)}`)
      .join('\n');
    assert.doesNotMatch(everything, /RefreshToken|home_account_id|refresh_token|\$JS|\$KV|\$O\./);
    assertSecretless(everything, await entra.control.secrets(), 'the bus');
    assertSecretless(agent.output(), await entra.control.secrets(), 'the output of the agent');
    assert.ok(!agent.output().includes(seedOf('AGENT')));
    await rm(folder, { recursive: true });
  });
});

describe('hand-off - who may', () => {
  test('hand-off - with trusted signers configured only they may, also as the first [P3]', async () => {
    const trusted = signerOf(createSeed());
    await using stack = await startStack({ agentEnv: { WorkIQ__TrustedSigners: trusted.publicKey } });
    await assert.rejects(stack.connect(), (error: unknown) => {
      assert.ok(error instanceof RockBotError);
      assert.equal(error.reason, 'signer');
      assert.match(error.action ?? '', /WorkIQ__TrustedSigners/);
      return true;
    });
    assert.equal((await stack.ui.request('authState', {})).status, 'not_connected');
    // A second trusted signer may follow the first: nobody is pinned.
    const others = [createSeed(), createSeed()];
    const env = { WorkIQ__TrustedSigners: others.map((seed) => signerOf(seed).publicKey).join(' ') };
    await stack.restartAgent({ env });
    for (const seed of others) await stack.connect({ seed });
    await assert.rejects(stack.connect(), (error: unknown) => (error as RockBotError).reason === 'signer');
  });

  test('hand-off - of an account other than the expected one is refused, also as the first [P3]', async () => {
    await using stack = await startStack({ agentEnv: { WorkIQ__ExpectedAccount: 'ADELE@contoso.example' } });
    const signer = signerOf(stack.uiSeed);
    const { profile, signedIn } = await signInFor(stack, 'megan');
    const refuseMegan = async (): Promise<void> => {
      const claims = handOffClaims({ profile, signedIn, signer, changes: { gen: 100 } });
      const sealed = await sealAnyhow({ claims, signer, recipient: profile.publicKey });
      await assert.rejects(
        stack.ui.request('authCache', { sealed }),
        (error: unknown) => (error as RockBotError).reason === 'account',
      );
    };
    assert.equal(profile.expectedAccount, 'ADELE@contoso.example');
    await refuseMegan();
    const { account } = await stack.connect({ user: 'adele' });
    await stack.ui.request('authDisconnect', {});
    await stack.restartAgent({ env: { WorkIQ__ExpectedAccount: account.id } });
    await refuseMegan();
    await stack.connect({ user: 'adele' });
  });
});

describe('hand-off - at rest', () => {
  test('hand-off - the secrets are private from creation, whatever the umask and the folder were [P2]', async () => {
    await using stack = await startStack();
    const { dataDir } = stack.agent;
    const umask = process.umask(0);
    try {
      await rm(join(dataDir, 'secrets'), { recursive: true });
      await mkdir(join(dataDir, 'secrets'));
      await chmod(join(dataDir, 'secrets'), 0o777);
      await stack.restartAgent();
    } finally {
      process.umask(umask);
    }
    // Every file that ever appears in the folder, however short: temporary ones hold the same secrets.
    const modes = new Set<string>();
    const watched = new AbortController();
    const watching = (async () => {
      while (!watched.signal.aborted) {
        for (const name of await readdir(join(dataDir, 'secrets')))
          modes.add(await modeOf(join(dataDir, 'secrets', name)).catch(() => 'gone'));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let round = 0; round < 5; round++) await stack.connect();
    watched.abort();
    await watching;
    modes.delete('gone');
    assert.deepEqual([...modes], ['600']);
    assert.equal(await modeOf(join(dataDir, 'secrets')), '700');
    for (const name of ['workiq-cache.bin', 'agent-key.jwk'])
      assert.equal(await modeOf(join(dataDir, 'secrets', name)), '600', name);

    // Opened to others by somebody, it is closed at the next start.
    await chmod(join(dataDir, 'secrets', 'workiq-cache.bin'), 0o644);
    await stack.restartAgent();
    assert.equal(await modeOf(join(dataDir, 'secrets', 'workiq-cache.bin')), '600');
    assert.equal((await stack.ui.request('authState', {})).status, 'connected');

    // People compare what a sign-in shows them with what the operator reads there.
    const { publicKey } = await stack.ui.request('authProfile', {});
    const logged = stack.agent.output().split(`"fingerprint":"SHA256:${publicKey.kid}"`).length - 1;
    assert.equal(logged, 1, 'each start says the fingerprint of its key once');
  });

  test('hand-off - with a cache key the file holds no secret, and another key stops the start with 78 [P6, P14]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-key-'));
    const keyFile = join(folder, 'cache.key');
    await writeFile(keyFile, randomBytes(32));
    await using stack = await startStack({ agentEnv: { WorkIQ__CacheKeyFile: keyFile } });
    await stack.connect();
    const file = await readFile(join(stack.agent.dataDir, 'secrets', 'workiq-cache.bin'), 'utf8');
    assertSecretless(file, await stack.entra.control.secrets(), 'the cache file');
    assert.match(file, /"username": "adele@contoso\.example"/);
    await stack.restartAgent();
    assert.equal((await stack.ui.request('authState', {})).status, 'connected');

    await writeFile(keyFile, randomBytes(32));
    await assert.rejects(stack.restartAgent(), /ended with 78[\s\S]*key does not open the cache file/);
    assert.equal(await readFile(join(stack.agent.dataDir, 'secrets', 'workiq-cache.bin'), 'utf8'), file);
    await rm(folder, { recursive: true });
  });
});
