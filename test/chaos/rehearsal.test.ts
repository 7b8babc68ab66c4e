// A rehearsal of what a company does with the product, from the packed artefacts and the shipped manifests alone: install, sign in, call,
// upgrade, roll back, rotate every key, disconnect. At the end, a search for every secret in everything that was printed or left behind.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, cp, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import * as z from 'zod';
import { jsonLines, runCli, startCli, type CliExit, type RunningCli } from '../support/cli.ts';
import { containerUser, mayChangeUser } from '../support/container.ts';
import { filesIn } from '../support/files-in.ts';
import { buildManifests, withoutKubectl } from '../support/kustomize.ts';
import { findLeaks, type KnownSecret, type Place } from '../support/leak-search.ts';
import { packAndInstall, type InstalledRelease } from '../support/packed-release.ts';
import { giveToContainers, layOutPod, type PodAgent, type PodFolder } from '../support/pod-folder.ts';
import { parsePrometheusText, type PrometheusMetrics } from '../support/prometheus-text.ts';
import { startEntraProcess, startWorkIqProcess, type EntraProcess, type WorkIqProcess } from '../support/stack.ts';
import { newUser, startTlsAccountsBus, type TlsAccountsBus } from '../support/tls-accounts-bus.ts';
import { until } from '../support/until.ts';

const nextVersion = '0.999.0';
const catalogueScope = 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default';
const secretsPath = '/data/agent/secrets';

/** What the operator puts into overlays/prod/agent.env, beside what each step adds. */
let settings: Record<string, string> = {};
let folder = '';
let now: InstalledRelease;
let next: InstalledRelease;
let entra: EntraProcess;
let workiq: WorkIqProcess;
let bus: TlsAccountsBus;
let pod: PodFolder;
let agent: PodAgent;
const agents: PodAgent[] = [];
/** What people have installed. */
let client: InstalledRelease;
/** A colleague, who follows the results of all calls. */
let follower: RunningCli | undefined;
/** Everything that the command line printed, and what the HTTP endpoints answered. */
const printed: string[] = [];
const scraped: string[] = [];
/** Whatever must stand nowhere. */
const secrets: KnownSecret[] = [];

describe('rehearsal', { skip: withoutKubectl, timeout: 600_000 }, () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-rehearsal-'));
    await chmod(folder, 0o755);
    for (const name of ['now', 'next', 'bus', 'pod', 'deploy', 'home', 'home/tmp']) await mkdir(join(folder, name));
    [now, next, entra] = await Promise.all([
      packAndInstall({ folder: join(folder, 'now') }),
      packAndInstall({ folder: join(folder, 'next'), version: nextVersion }),
      startEntraProcess({ deviceCodeIntervalSeconds: 1 }),
    ]);
    client = now;
    [workiq, bus] = await Promise.all([
      startWorkIqProcess(entra),
      startTlsAccountsBus({ example: join(now.folder, 'deploy/nats'), folder: join(folder, 'bus') }),
    ]);
  });
  after(async () => {
    for (const part of [follower, ...agents, bus, workiq?.child, entra?.child]) await part?.[Symbol.asyncDispose]();
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
        : `The tests may not change their user, so the agent runs as theirs, uid ${String(process.getuid?.())}.`,
    );
    settings = {
      Nats__Url: bus.url,
      Nats__CaFile: '/etc/rockbot/bus/ca.crt',
      WorkIQ__Authority: entra.authority,
      WorkIQ__CaFile: '/etc/rockbot/bus/entra-ca.crt',
      WorkIQ__AllowedOrigins: workiq.origin,
      WorkIQ__ExpectedAccount: 'adele@contoso.example',
      Auth__Profiles__agent365__Scopes: catalogueScope,
      Auth__Profiles__agent365__AllowedOrigins: workiq.origin,
      Log__Level: 'debug',
    };
    await apply(now);
    await putCacheKey();
    await putBusSecret(bus.keys('AGENT').seed);
    await startAgent(now);
    await expectState({ version: now.version, auth: 'not_connected' });
    const { uid, mode } = await lstat(pod.path(`${secretsPath}/agent-key.jwk`));
    assert.equal(uid, mayChangeUser ? containerUser : process.getuid?.());
    assert.equal(mode & 0o777, 0o600);
  });

  step('rehearsal - the bus lets nobody in without its CA and a key that it knows', async () => {
    await writeFile(join(folder, 'home/alice.nk'), bus.keys('UI_ALICE').seed, { mode: 0o600 });
    await writeFile(join(folder, 'home/bob.nk'), bus.keys('UI_BOB').seed, { mode: 0o600 });
    await writeFile(join(folder, 'home/bus-ca.crt'), bus.ca);
    await writeFile(join(folder, 'home/stranger.nk'), newUser().seed, { mode: 0o600 });
    const distrusting = await rockbot(['auth', 'status'], { Nats__CaFile: '' });
    assert.equal(distrusting.code, 69, distrusting.stderr);
    assert.match(distrusting.stderr, /certificate/i);
    const stranger = await rockbot(['--nkey', join(folder, 'home/stranger.nk'), 'auth', 'status']);
    assert.equal(stranger.code, 77, stranger.stderr);
    await succeeds('auth', 'status');
  });

  step('rehearsal - a person signs in by device code and the agent is connected [S1]', async () => {
    await signsIn();
    await expectState({ version: now.version, auth: 'connected' });
  });

  step('rehearsal - servers are added, and mail and calendar are read [S1]', async () => {
    await succeeds('servers', 'add', 'workiq', '--url', workiq.mcpUrl, '--profile', 'workiq');
    await succeeds('servers', 'add', 'mail', '--url', workiq.mailUrl, '--profile', 'agent365');
    await succeeds('servers', 'add', 'calendar', '--url', workiq.calendarUrl, '--profile', 'agent365');
    await readsMailAndCalendar([readMail, readCalendar, listMail, listCalendar]);
    const listed = await succeeds('tools', 'list', '--json');
    for (const name of ['workiq', 'mail', 'calendar']) assert.match(listed.stdout, new RegExp(`"name":"${name}"`));
  });

  step('rehearsal - the shipped example of a patrol runs and sees everything [P12]', async () => {
    // As `kubectl cp` does it: with the rights of the pod.
    await cp(join(now.folder, 'deploy/examples/patrols.json'), pod.path('/data/agent/patrols.json'));
    await giveToContainers(pod.path('/data/agent/patrols.json'));
    await eventually(['patrols', 'validate'], ({ code, stdout }) => code === 0 && stdout.includes('1 patrol'));
    const { stdout } = await succeeds('patrols', 'run', 'morning', '--json');
    assert.match(stdout, /"status":"ok"/);
  });

  step('rehearsal - probes and metrics tell of it, and the doctor finds nothing wrong', async () => {
    const metrics = await expectState({ version: now.version, auth: 'connected' });
    assert.ok(
      metrics.samples.some(
        ({ name, labels, value }) =>
          name === 'rockbot_tool_calls_total' &&
          labels['server'] === 'workiq' &&
          labels['outcome'] === 'ok' &&
          value > 0,
      ),
    );
    assert.equal(metrics.value('rockbot_patrol_last_run_status', { patrol: 'morning', status: 'ok' }), 1);
    assert.equal(metrics.value('rockbot_volume_writable'), 1);
    await succeeds('doctor');
  });

  step('rehearsal - an upgrade keeps the sign-in, the servers and the runs, with nobody present [S2]', async () => {
    follower = startCli(['results', '--follow', '--json'], {
      env: { ...environment(), ROCKBOT_NKEY: join(folder, 'home/bob.nk') },
      program: client.cli,
      timeoutMs: 600_000,
    });
    await eventually(['tools', 'call', 'workiq', 'get_schema', '--json'], () => (follower?.stdout() ?? '') !== '');
    const codes = (await entra.control.deviceCodes()).length;
    await replaceAgent(next);
    await expectState({ version: next.version, auth: 'connected' });
    await refreshesAndReads();
    client = next;
    await readsMailAndCalendar();
    await expectHistory();
    assert.equal((await entra.control.deviceCodes()).length, codes, 'nobody signed in');
  });

  step('rehearsal - a roll back to the version before keeps them, too', async () => {
    await replaceAgent(now);
    await expectState({ version: now.version, auth: 'connected' });
    await refreshesAndReads();
    await expectHistory();
    await expectPrivateFiles();
  });

  step(
    'rehearsal - a new key of the agent ends no connection, and stops the next sign-in until a person trusts it',
    async () => {
      await rememberAgentKey();
      const before = await fingerprint();
      await rm(pod.path(`${secretsPath}/agent-key.jwk`));
      await replaceAgent(now);
      assert.match(agent.output(), /The agent key was not there beside a stored connection/);
      await rememberAgentKey();
      const renewed = await fingerprint();
      assert.notEqual(renewed, before);
      await expectState({ version: now.version, auth: 'connected' });
      await readsMailAndCalendar();
      const refused = await rockbot(['auth', 'workiq', '--device-code', '--json']);
      assert.equal(refused.code, 77, refused.stderr);
      assert.equal(jsonLines(refused.stdout).at(-1)?.['event'], 'failed');
      for (const shown of [before, renewed, 'handoff_refused']) assert.ok(refused.stdout.includes(shown), shown);
      assert.doesNotMatch(refused.stdout, /device_code/, 'nobody is asked to sign in for a key that is not trusted');
      await signsIn('--trust-new-key');
      await readsMailAndCalendar();
    },
  );

  step(
    "rehearsal - the agent's key on the bus is renewed with both good in between, and the old one is worth nothing then",
    async () => {
      const old = bus.keys('AGENT');
      const renewed = newUser();
      const block = /# BEGIN agent rockbot user\n[\s\S]*?# END agent rockbot user\n/;
      await bus.edit((text) =>
        text.replace(block, (found) => found + found.replace('$ROCKBOT_AGENT_NKEY', renewed.publicKey)),
      );
      await readsMailAndCalendar();
      await putBusSecret(renewed.seed);
      await replaceAgent(now);
      await bus.edit((text) => text.replace(block, ''));
      await expectState({ version: now.version, auth: 'connected' });
      await readsMailAndCalendar();
      await writeFile(join(folder, 'home/old-agent.nk'), old.seed, { mode: 0o600 });
      const refused = await rockbot(['--nkey', join(folder, 'home/old-agent.nk'), 'auth', 'status']);
      assert.equal(refused.code, 77, refused.stderr);
      await rm(join(folder, 'home/old-agent.nk'));
    },
  );

  step("rehearsal - a person's key on the bus is renewed, and the agent told whom to trust", async () => {
    const old = bus.keys('UI_ALICE');
    const renewed = newUser();
    const entry = / *# Alice's UI\.\n[\s\S]*?\n\n/;
    const added = (found: string): string =>
      found
        .replace('$ROCKBOT_UI_ALICE_NKEY', renewed.publicKey)
        .replace('$ROCKBOT_UI_ALICE_INBOX', `"_INBOX_${renewed.publicKey}.>"`);
    await bus.edit((text) => text.replace(entry, (found) => found + added(found)));
    await copyFile(join(folder, 'home/alice.nk'), join(folder, 'home/alice-old.nk'));
    await writeFile(join(folder, 'home/alice.nk'), renewed.seed, { mode: 0o600 });
    await readsMailAndCalendar();
    const refused = await signIn();
    assert.equal(refused.code, 77, refused.stderr);
    assert.match(refused.stdout, /"reason":"signer"/);
    await expectState({ version: now.version, auth: 'connected' });

    settings['WorkIQ__TrustedSigners'] = `${old.publicKey} ${renewed.publicKey}`;
    await replaceAgent(now);
    await signsIn();
    settings['WorkIQ__TrustedSigners'] = renewed.publicKey;
    await replaceAgent(now);
    await bus.edit((text) => text.replace(entry, (found) => (found.includes(renewed.publicKey) ? found : '')));
    await expectState({ version: now.version, auth: 'connected' });
    await readsMailAndCalendar();
    const gone = await rockbot(['--nkey', join(folder, 'home/alice-old.nk'), 'auth', 'status']);
    assert.equal(gone.code, 77, gone.stderr);
    await rm(join(folder, 'home/alice-old.nk'));
  });

  step('rehearsal - a disconnect leaves nothing on the volume that could sign in', async () => {
    const stored = await storedSignIn();
    const found = findLeaks([stored], await filesIn(pod.path('/data/agent')));
    assert.deepEqual([...new Set(found.map(({ place }) => place))], ['secrets/workiq-cache.bin']);
    const account = await succeeds('auth', 'disconnect', '--json');
    assert.match(account.stdout, /"disconnected":true/);
    await expectState({ version: now.version, auth: 'not_connected' });
    const { stdout, code } = await rockbot([
      'tools',
      'call',
      'workiq',
      'fetch',
      '--args',
      '{"entityUrls":["/me"]}',
      '--json',
    ]);
    assert.equal(code, 77, stdout);
    await agent.stop();
    const onVolume = await filesIn(pod.path('/data/agent'));
    assert.deepEqual(findLeaks([...(await issued()), stored], onVolume), []);
    // What is left needs no key of the time before, and pins nobody.
    await putCacheKey();
    delete settings['WorkIQ__TrustedSigners'];
    await apply(now);
    await startAgent(now);
    await expectState({ version: now.version, auth: 'not_connected' });
    await copyFile(join(folder, 'home/bob.nk'), join(folder, 'home/alice.nk'));
    await signsIn();
    await refreshesAndReads();
    await expectPrivateFiles();
    await succeeds('auth', 'disconnect');
    await expectState({ version: now.version, auth: 'not_connected' });
    assert.equal(await agent.stop(), 0, agent.output());
    follower?.signal('SIGINT');
    assert.equal((await follower?.exited)?.code, 130, follower?.stderr());
    printed.push(follower?.stdout() ?? '', follower?.stderr() ?? '');
  });

  step('rehearsal - no secret stands in a log, an answer, or a file that is not for it [P6] [S4]', async () => {
    const known = [...secrets, ...(await issued())];
    for (const kind of ['refresh_token', 'access_token', 'device_code', 'agent key', 'seed', 'cache key'])
      assert.ok(
        known.some((secret) => secret.kind.includes(kind)),
        `there was a ${kind}`,
      );
    const places: Place[] = [
      ...agents.map((each, index) => ({ name: `output of agent ${index + 1}`, text: each.output() })),
      { name: 'output of the command line', text: printed.join('\n') },
      { name: 'HTTP endpoints', text: scraped.join('\n') },
      { name: 'log of the bus', text: bus.output() },
      ...(await filesIn(pod.path('/data/agent'), ['secrets/agent-key.jwk'])),
      ...(await filesIn(pod.path('/tmp'))),
      ...(await filesIn(join(folder, 'home'), ['alice.nk', 'bob.nk', 'stranger.nk'])),
    ];
    for (const part of ['audit/audit.jsonl', 'rockbot/known-agents.json', 'mcp.json'])
      assert.ok(
        places.some(({ name }) => name.endsWith(part)),
        `${part} is searched`,
      );
    assert.match(bus.output(), /\[TRC\].*auth\.workiq\.cache\.rockbot/, 'the bus logs every message');
    assert.deepEqual(findLeaks(known, places), []);
    const errors = agents
      .flatMap((each) => each.output().split('\n'))
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

/** `kubectl apply -k` of the shipped manifests of a version with the settings of the operator. */
async function apply(release: InstalledRelease): Promise<void> {
  const copy = join(folder, 'deploy/k8s');
  await rm(copy, { recursive: true, force: true });
  await cp(join(release.folder, 'deploy/k8s'), copy, { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(copy, 'overlays/prod/agent.env'), lines.join(''));
  const file = join(copy, 'overlays/prod/workiq.yaml');
  const shipped = await readFile(file, 'utf8');
  await writeFile(
    file,
    shipped
      .replace("TenantId: ''", `TenantId: ${entra.tenantId}`)
      .replace("ClientId: ''", `ClientId: ${entra.clientId}`),
  );
  pod = await layOutPod({ build: await buildManifests('overlays/prod', copy), folder: join(folder, 'pod') });
}

async function startAgent({ folder: app, agent: program }: InstalledRelease): Promise<void> {
  agent = await pod.start({
    image: { '/app/prepare-volume.cjs': join(app, 'deploy/prepare-volume.cjs') },
    entrypoint: [program],
  });
  agents.push(agent);
  await agent.ready();
}

/** As a Deployment with `Recreate` does it: the old one goes before the new one comes. */
async function replaceAgent(release: InstalledRelease): Promise<void> {
  assert.equal(await agent.stop(), 0, agent.output());
  await apply(release);
  await startAgent(release);
}

async function putBusSecret(seed: string): Promise<void> {
  secrets.push({ kind: 'seed of the agent', value: seed });
  const entraCa = await readFile(entra.caFile, 'utf8');
  await pod.putSecret('rockbot-bus', { 'nkey.seed': `${seed}\n`, 'ca.crt': bus.ca, 'entra-ca.crt': entraCa });
}

async function putCacheKey(): Promise<void> {
  const key = randomBytes(32);
  for (const encoding of ['latin1', 'hex', 'base64'] as const)
    secrets.push({ kind: `cache key as ${encoding}`, value: key.toString(encoding) });
  await pod.putSecret('rockbot-cache-key', { 'cache.key': key });
}

const callSchema = z.looseObject({ callId: z.string() });
const keySchema = z.object({ x: z.string(), d: z.string() });

async function rememberAgentKey(): Promise<void> {
  const { d } = keySchema.parse(JSON.parse(await readFile(pod.path(`${secretsPath}/agent-key.jwk`), 'utf8')));
  secrets.push({ kind: 'agent key', value: d });
}

/** Everything that Entra ever issued, and the keys of the bus. */
async function issued(): Promise<KnownSecret[]> {
  const [, ...body] = bus.privateKey.split('\n').filter((line) => !line.startsWith('--'));
  return [
    ...(await entra.control.secrets()),
    ...body.map((value) => ({ kind: "the bus's private key", value })),
    { kind: 'seed of a person', value: bus.keys('UI_ALICE').seed },
    { kind: 'seed of a person', value: await readFile(join(folder, 'home/alice.nk'), 'utf8') },
  ];
}

/** The command line of a person at a machine of their own. */
function environment(): Record<string, string> {
  const home = join(folder, 'home');
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    TMPDIR: join(home, 'tmp'),
    ROCKBOT_NATS_URL: bus.url,
    ROCKBOT_NKEY: join(home, 'alice.nk'),
    Nats__CaFile: join(home, 'bus-ca.crt'),
    WorkIQ__CaFile: entra.caFile,
  };
}

async function rockbot(args: readonly string[], env: Record<string, string> = {}): Promise<CliExit> {
  const exit = await runCli(args, { env: { ...environment(), ...env }, program: client.cli });
  printed.push(exit.stdout, exit.stderr);
  return exit;
}

async function succeeds(...args: string[]): Promise<CliExit> {
  const exit = await rockbot(args);
  assert.equal(exit.code, 0, `rockbot ${args.join(' ')}\n${exit.stdout}\n${exit.stderr}`);
  return exit;
}

/** Signs in as somebody with a phone beside the terminal would. */
async function signIn(...options: string[]): Promise<CliExit> {
  await using running = startCli(['auth', 'workiq', '--device-code', '--json', ...options], {
    env: environment(),
    program: client.cli,
  });
  const [, userCode = ''] = await running.printed('stdout', /"userCode":"([^"]+)"/);
  await entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
  const exit = await running.exited;
  printed.push(exit.stdout, exit.stderr);
  return exit;
}

async function signsIn(...options: string[]): Promise<void> {
  const { code, stdout, stderr } = await signIn(...options);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.equal(jsonLines(stdout).at(-1)?.['event'], 'connected');
}

interface Read {
  server: string;
  tool: string;
  args: object;
}

const query = { queryParameters: '?$top=3' };
const readMail: Read = { server: 'workiq', tool: 'fetch', args: { entityUrls: ['/me/messages?$top=3'] } };
const readCalendar: Read = { server: 'workiq', tool: 'fetch', args: { entityUrls: ['/me/events?$top=3'] } };
const listMail: Read = { server: 'mail', tool: 'SearchMessagesQueryParameters', args: query };
const listCalendar: Read = { server: 'calendar', tool: 'ListEvents', args: {} };

/** Of either audience, unless told. */
async function readsMailAndCalendar(reads: readonly Read[] = [listMail, readCalendar]): Promise<void> {
  for (const { server, tool, args } of reads) {
    const { stdout } = await succeeds('tools', 'call', server, tool, '--args', JSON.stringify(args), '--json');
    assert.match(stdout, /subject/, `${server} ${tool}`);
    const { callId } = callSchema.parse(JSON.parse(stdout));
    await until(
      () => `the colleague to see it: ${follower?.stderr()}`,
      () => follower === undefined || follower.stdout().includes(callId),
      { timeoutMs: 60_000 },
    );
  }
}

/** With a token that the agent has to get anew for it. */
async function refreshesAndReads(): Promise<void> {
  const refreshes = async (): Promise<number> => (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
  await entra.control.revokeAccessTokens();
  const before = await refreshes();
  await readsMailAndCalendar();
  assert.ok((await refreshes()) > before, 'the token was refreshed');
}

/** The runs of before are there. */
async function expectHistory(): Promise<void> {
  assert.match((await succeeds('patrols', 'history', '--json')).stdout, /"patrol":"morning"/);
}

/** Also after init container and restarts, which find a volume that hands its group down. */
async function expectPrivateFiles(): Promise<void> {
  const modeOf = async (name: string): Promise<number> =>
    (await lstat(pod.path(`${secretsPath}${name}`))).mode & 0o7777;
  assert.equal(await modeOf(''), 0o700);
  for (const { name } of await filesIn(pod.path(secretsPath))) assert.equal(await modeOf(`/${name}`), 0o600, name);
}

/** Waits for what the agent takes up by itself. */
async function eventually(args: readonly string[], holds: (exit: CliExit) => boolean): Promise<void> {
  let latest: CliExit | undefined;
  await until(
    () => `rockbot ${args.join(' ')}:\n${latest?.stdout}\n${latest?.stderr}`,
    async () => holds((latest = await rockbot(args))),
    { timeoutMs: 60_000, everyMs: 200 },
  );
}

/** What probes and metrics say. Returns the metrics. */
async function expectState({ version, auth }: { version: string; auth: string }): Promise<PrometheusMetrics> {
  const answers = await Promise.all((['/livez', '/readyz', '/metrics'] as const).map((path) => agent.get(path)));
  for (const { status, text } of answers) {
    assert.equal(status, 200, text);
    scraped.push(text);
  }
  const metrics = parsePrometheusText(answers.at(-1)?.text ?? '');
  assert.equal(metrics.value('rockbot_build_info', { version }), 1);
  assert.equal(metrics.value('rockbot_bus_connected'), 1);
  assert.equal(metrics.value('rockbot_auth_status', { status: auth }), 1, `not ${auth}`);
  return metrics;
}

/** The fingerprint of the agent's key, read on the volume as docs/operations.md says. */
async function fingerprint(): Promise<string> {
  const { x } = keySchema.parse(JSON.parse(await readFile(pod.path(`${secretsPath}/agent-key.jwk`), 'utf8')));
  const key = JSON.stringify({ crv: 'X25519', kty: 'OKP', x });
  return `SHA256:${createHash('sha256').update(key).digest('base64url')}`;
}

const encryptedSchema = z.object({ encryptedCache: z.string() });

/** The sign-in as the volume has it: the ciphertext of a compact JWE, which whoever finds the key could still open. */
async function storedSignIn(): Promise<KnownSecret> {
  const text = await readFile(pod.path(`${secretsPath}/workiq-cache.bin`), 'utf8');
  const [, , , cipherText = ''] = encryptedSchema.parse(JSON.parse(text)).encryptedCache.split('.');
  assert.ok(cipherText.length > 1_000, 'a sign-in is stored');
  return { kind: 'the stored sign-in', value: cipherText };
}
