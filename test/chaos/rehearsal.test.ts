// A rehearsal of what a company does with the product, from the packed artefacts and the shipped manifests alone: install, sign in, call,
// upgrade, roll back, rotate every key, disconnect. At the end, a search for every secret in everything that was printed or left behind.
import assert from 'node:assert/strict';
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { jsonLines, runCli } from '../support/cli.ts';
import { containerUser, mayChangeUser } from '../support/container.ts';
import { filesIn } from '../support/files-in.ts';
import { withoutKubectl } from '../support/kustomize.ts';
import { findLeaks, type KnownSecret, type Place } from '../support/leak-search.ts';
import { packAndInstall, type InstalledRelease } from '../support/packed-release.ts';
import { giveToContainers } from '../support/pod-folder.ts';
import { PodOperator, volumePath } from '../support/pod-operator.ts';
import { startEntraProcess, startWorkIqProcess, type EntraProcess, type WorkIqProcess } from '../support/stack.ts';
import { TerminalPerson, type Read } from '../support/terminal-person.ts';
import { newUser, startTlsAccountsBus, type TlsAccountsBus } from '../support/tls-accounts-bus.ts';

const nextVersion = '0.999.0';
const catalogueScope = 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default';
const agentUser = mayChangeUser ? containerUser : process.getuid?.();

const readMail: Read = { server: 'workiq', tool: 'fetch', args: { entityUrls: ['/me/messages?$top=3'] } };
const readCalendar: Read = { server: 'workiq', tool: 'fetch', args: { entityUrls: ['/me/events?$top=3'] } };
const listMail: Read = {
  server: 'mail',
  tool: 'SearchMessagesQueryParameters',
  args: { queryParameters: '?$top=3' },
};
const listCalendar: Read = { server: 'calendar', tool: 'ListEvents', args: {} };

const parts: AsyncDisposable[] = [];
let folder = '';
let now: InstalledRelease;
let next: InstalledRelease;
let entra: EntraProcess;
let workiq: WorkIqProcess;
let bus: TlsAccountsBus;
let operator: PodOperator;
/** The one who signs in, and a colleague who follows the results of all calls. */
let alice: TerminalPerson;
let bob: TerminalPerson;

describe('rehearsal', { skip: withoutKubectl, timeout: 600_000 }, () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-rehearsal-'));
    await chmod(folder, 0o755);
    for (const name of ['now', 'next', 'bus', 'cluster']) await mkdir(join(folder, name));
    [now, next] = await Promise.all([
      packAndInstall({ folder: join(folder, 'now') }),
      packAndInstall({ folder: join(folder, 'next'), version: nextVersion }),
    ]);
    entra = await startEntraProcess({ deviceCodeIntervalSeconds: 1 });
    parts.push(entra.child);
    workiq = await startWorkIqProcess(entra);
    parts.push(workiq.child);
    bus = await startTlsAccountsBus({ example: join(now.folder, 'deploy/nats'), folder: join(folder, 'bus') });
    parts.push(bus);
    operator = new PodOperator({
      folder: join(folder, 'cluster'),
      tenantId: entra.tenantId,
      clientId: entra.clientId,
      busCa: bus.ca,
      entraCa: await readFile(entra.caFile, 'utf8'),
    });
    const terminal = { release: now, busUrl: bus.url, busCa: bus.ca, entraCaFile: entra.caFile };
    alice = new TerminalPerson({ ...terminal, home: join(folder, 'alice'), seed: bus.keys('UI_ALICE').seed });
    bob = new TerminalPerson({ ...terminal, home: join(folder, 'bob'), seed: bus.keys('UI_BOB').seed });
    parts.push(operator, alice, bob);
    for (const person of [alice, bob]) await person.settleIn();
  });
  after(async () => {
    for (const part of parts.toReversed()) await part[Symbol.asyncDispose]();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });

  step('rehearsal - the packages install with nothing else, and both versions run', async () => {
    for (const { version, cli } of [now, next])
      assert.match((await runCli(['--version'], { program: cli })).stdout, new RegExp(`^${version}$`, 'm'));
    assert.notEqual(now.version, next.version);
  });

  step('rehearsal - the pod of the shipped manifests starts, as an unprivileged user, and is ready', async (t) => {
    t.diagnostic(
      mayChangeUser
        ? `The agent runs as uid ${containerUser}.`
        : `The tests may not change their user, so the agent runs as theirs, uid ${String(agentUser)}.`,
    );
    Object.assign(operator.settings, {
      Nats__Url: bus.url,
      Nats__CaFile: '/etc/rockbot/bus/ca.crt',
      WorkIQ__Authority: entra.authority,
      WorkIQ__CaFile: '/etc/rockbot/bus/entra-ca.crt',
      WorkIQ__AllowedOrigins: workiq.origin,
      WorkIQ__ExpectedAccount: 'adele@contoso.example',
      Auth__Profiles__agent365__Scopes: catalogueScope,
      Auth__Profiles__agent365__AllowedOrigins: workiq.origin,
      Log__Level: 'debug',
    });
    await operator.apply(now);
    await operator.putCacheKey();
    await operator.putBusSecret(bus.keys('AGENT').seed);
    await operator.start(now);
    await operator.expectState({ version: now.version, auth: 'not_connected' });
    await operator.expectPrivateSecrets(agentUser);
  });

  step('rehearsal - the bus lets nobody in without its CA and a key that it knows', async () => {
    const distrusting = await alice.run(['auth', 'status'], { Nats__CaFile: '' });
    assert.equal(distrusting.code, 69, distrusting.stderr);
    assert.match(distrusting.stderr, /certificate/i);
    const stranger = await alice.runAs(newUser().seed, 'auth', 'status');
    assert.equal(stranger.code, 77, stranger.stderr);
    await alice.does('auth', 'status');
  });

  step('rehearsal - a person signs in by device code and the agent is connected [S1]', async () => {
    await alice.signsIn(entra.control);
    await operator.expectState({ version: now.version, auth: 'connected' });
  });

  step('rehearsal - servers are added, and mail and calendar are read [S1]', async () => {
    await alice.does('servers', 'add', 'workiq', '--url', workiq.mcpUrl, '--profile', 'workiq');
    await alice.does('servers', 'add', 'mail', '--url', workiq.mailUrl, '--profile', 'agent365');
    await alice.does('servers', 'add', 'calendar', '--url', workiq.calendarUrl, '--profile', 'agent365');
    await alice.reads([readMail, readCalendar, listMail, listCalendar]);
  });

  step('rehearsal - the shipped example of a patrol runs and sees everything [P12]', async () => {
    // As `kubectl cp` does it: with the rights of the pod.
    const file = operator.path(`${volumePath}/patrols.json`);
    await cp(join(now.folder, 'deploy/examples/patrols.json'), file);
    await giveToContainers(file);
    await alice.doesAtLast(['patrols', 'validate'], ({ code, stdout }) => code === 0 && stdout.includes('1 patrol'));
    assert.match(await alice.does('patrols', 'run', 'morning', '--json'), /"status":"ok"/);
  });

  step('rehearsal - probes and metrics tell of it, and the doctor finds nothing wrong', async () => {
    const metrics = await operator.expectState({ version: now.version, auth: 'connected' });
    const calls = { server: 'calendar', tool: 'ListEvents', outcome: 'ok' };
    assert.equal(metrics.value('rockbot_tool_calls_total', calls), 1);
    assert.equal(metrics.value('rockbot_patrol_last_run_status', { patrol: 'morning', status: 'ok' }), 1);
    assert.equal(metrics.value('rockbot_volume_writable'), 1);
    await alice.does('doctor');
  });

  step('rehearsal - an upgrade keeps the sign-in, the servers and the runs, with nobody present [S2]', async () => {
    await bob.follows(() => alice.reads([listMail]));
    const codes = (await entra.control.deviceCodes()).length;
    await operator.replace(next);
    await operator.expectState({ version: next.version, auth: 'connected' });
    await refreshesAndReads();
    alice.release = next;
    await readsMailAndCalendar();
    await expectHistory();
    assert.equal((await entra.control.deviceCodes()).length, codes, 'nobody signed in');
  });

  step('rehearsal - a roll back to the version before keeps them, too', async () => {
    await operator.replace(now);
    await operator.expectState({ version: now.version, auth: 'connected' });
    await refreshesAndReads();
    await expectHistory();
    await operator.expectPrivateSecrets(agentUser);
  });

  step(
    'rehearsal - a new key of the agent ends no connection, and stops the next sign-in until a person trusts it',
    async () => {
      const old = await operator.fingerprint();
      await operator.removeAgentKey();
      await operator.replace(now);
      assert.match(operator.agent.output(), /The agent key was not there beside a stored connection/);
      const renewed = await operator.fingerprint();
      assert.notEqual(renewed, old);
      await operator.expectState({ version: now.version, auth: 'connected' });
      await readsMailAndCalendar();
      const refused = await alice.run(['auth', 'workiq', '--device-code', '--json']);
      assert.equal(refused.code, 77, refused.stderr);
      assert.equal(jsonLines(refused.stdout).at(-1)?.['event'], 'failed');
      for (const shown of [old, renewed, 'handoff_refused']) assert.ok(refused.stdout.includes(shown), shown);
      assert.doesNotMatch(refused.stdout, /device_code/, 'nobody is asked to sign in for a key that is not trusted');
      await alice.signsIn(entra.control, '--trust-new-key');
      await readsMailAndCalendar();
    },
  );

  step(
    "rehearsal - the agent's key on the bus is renewed with both good in between, and the old one is worth nothing then",
    async () => {
      const [old, renewed] = [bus.keys('AGENT'), newUser()];
      const block = /# BEGIN agent rockbot user\n[\s\S]*?# END agent rockbot user\n/;
      const added = (found: string): string => found.replace('$ROCKBOT_AGENT_NKEY', renewed.publicKey);
      await bus.edit((text) => text.replace(block, (found) => found + added(found)));
      await readsMailAndCalendar();
      await operator.putBusSecret(renewed.seed);
      await operator.replace(now);
      await bus.edit((text) => text.replace(block, ''));
      await operator.expectState({ version: now.version, auth: 'connected' });
      await readsMailAndCalendar();
      const refused = await alice.runAs(old.seed, 'auth', 'status');
      assert.equal(refused.code, 77, refused.stderr);
    },
  );

  step("rehearsal - a person's key on the bus is renewed, and the agent told whom to trust", async () => {
    const [old, renewed] = [bus.keys('UI_ALICE'), newUser()];
    const entry = / *# Alice's UI\.\n[\s\S]*?\n\n/;
    const added = (found: string): string =>
      found
        .replace('$ROCKBOT_UI_ALICE_NKEY', renewed.publicKey)
        .replace('$ROCKBOT_UI_ALICE_INBOX', `"_INBOX_${renewed.publicKey}.>"`);
    await bus.edit((text) => text.replace(entry, (found) => found + added(found)));
    await alice.useSeed(renewed.seed);
    await readsMailAndCalendar();
    const refused = await alice.triesToSignIn(entra.control);
    assert.equal(refused.code, 77, refused.stderr);
    assert.match(refused.stdout, /"reason":"signer"/);
    await operator.expectState({ version: now.version, auth: 'connected' });

    operator.settings['WorkIQ__TrustedSigners'] = `${old.publicKey} ${renewed.publicKey}`;
    await operator.replace(now);
    await alice.signsIn(entra.control);
    operator.settings['WorkIQ__TrustedSigners'] = renewed.publicKey;
    await operator.replace(now);
    await bus.edit((text) => text.replace(entry, ''));
    await operator.expectState({ version: now.version, auth: 'connected' });
    await readsMailAndCalendar();
    const gone = await alice.runAs(old.seed, 'auth', 'status');
    assert.equal(gone.code, 77, gone.stderr);
  });

  step('rehearsal - a disconnect leaves nothing on the volume that could sign in', async () => {
    const stored = await operator.storedSignIn();
    const found = findLeaks([stored], await filesIn(operator.path(volumePath)));
    assert.deepEqual([...new Set(found.map(({ place }) => place))], ['secrets/workiq-cache.bin']);
    assert.match(await alice.does('auth', 'disconnect', '--json'), /"disconnected":true/);
    await operator.expectState({ version: now.version, auth: 'not_connected' });
    const call = ['tools', 'call', 'workiq', 'fetch', '--args', '{"entityUrls":["/me"]}'];
    assert.equal((await alice.run(call)).code, 77);
    await operator.stop();
    const known = [...(await entra.control.secrets()), stored];
    assert.deepEqual(findLeaks(known, await filesIn(operator.path(volumePath))), []);
  });

  step('rehearsal - what a disconnect leaves needs no earlier key, and binds nobody', async () => {
    await operator.putCacheKey();
    delete operator.settings['WorkIQ__TrustedSigners'];
    await operator.apply(now);
    await operator.start(now);
    await operator.expectState({ version: now.version, auth: 'not_connected' });
    await bob.signsIn(entra.control);
    await refreshesAndReads();
    await operator.expectPrivateSecrets(agentUser);
    await alice.does('auth', 'disconnect');
    await operator.expectState({ version: now.version, auth: 'not_connected' });
    await operator.stop();
    assert.equal(await bob.stopsFollowing(), 130);
  });

  step('rehearsal - no secret stands in a log, an answer, or a file that is not for it [P6] [S4]', async () => {
    const known: KnownSecret[] = [
      ...(await entra.control.secrets()),
      ...[operator, alice, bob].flatMap(({ secrets }) => secrets),
      // Of the PKCS #8 form the scalar alone: its head and its end, the public key, stand in certificates as well.
      { kind: 'private key of the bus', value: bus.privateKey.replaceAll(/-----[^\n]*\n|\s/g, '').slice(48, 90) },
    ];
    for (const kind of ['refresh_token', 'access_token', 'device_code', 'agent key', 'cache key', 'seed of a person'])
      assert.ok(known.filter((secret) => secret.kind.startsWith(kind)).length > 1, `there were several: ${kind}`);
    const places: Place[] = [
      ...operator.agents.map((agent, index) => ({ name: `output of agent ${index + 1}`, text: agent.output() })),
      { name: 'output of the command line', text: [...alice.printed, ...bob.printed].join('\n') },
      { name: 'HTTP endpoints', text: operator.scraped.join('\n') },
      { name: 'log of the bus', text: bus.output() },
      ...(await filesIn(operator.path(volumePath), ['secrets/agent-key.jwk'])),
      ...(await filesIn(operator.path('/tmp'))),
      ...(await filesIn(join(folder, 'alice'), ['me.nk', 'other.nk'])),
      ...(await filesIn(join(folder, 'bob'), ['me.nk'])),
    ];
    for (const part of ['audit/audit.jsonl', 'rockbot/known-agents.json', 'mcp.json'])
      assert.ok(
        places.some(({ name }) => name.endsWith(part)),
        `${part} is searched`,
      );
    assert.match(bus.output(), /\[TRC\].*auth\.workiq\.cache\.rockbot/, 'the bus logs every message');
    assert.deepEqual(findLeaks(known, places), []);
    const errors = operator.agents
      .flatMap((agent) => agent.output().split('\n'))
      .filter((line) => line.includes('"level":"error"'));
    assert.deepEqual(errors, [], 'and the agent found nothing wrong in all of it');
  });
});

let isBroken = false;

/** A test that stands on those before it: once one failed, the others say no more. */
function step(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, async (t) => {
    if (isBroken) {
      t.skip('a step before this one failed');
      return;
    }
    isBroken = true;
    await run(t);
    isBroken = false;
  });
}

/** Of either audience. The colleague sees both calls, whatever became of agent and bus since he began to follow. */
async function readsMailAndCalendar(): Promise<void> {
  await alice.reads([listMail, readCalendar], bob);
}

/** With tokens that the agent has to get anew for it. */
async function refreshesAndReads(): Promise<void> {
  const refreshes = async (): Promise<number> => (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
  await entra.control.revokeAccessTokens();
  const soFar = await refreshes();
  await readsMailAndCalendar();
  assert.ok((await refreshes()) > soFar, 'a token was refreshed');
}

/** The runs of before are there. */
async function expectHistory(): Promise<void> {
  assert.match(await alice.does('patrols', 'history', '--json'), /"patrol":"morning"/);
}
