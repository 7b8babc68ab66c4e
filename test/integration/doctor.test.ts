// rockbot doctor with each thing broken in turn: which finding says so, what is skipped behind it, and the exit code.
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectBus } from '../../extension/bus.ts';
import { createKnownAgents } from '../../extension/consent/known-agents.ts';
import { configFolder } from '../../extension/consent/config-folder.ts';
import { runDoctor } from '../../extension/doctor/run-doctor.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { findingTexts } from '../../shared/doctor/finding.ts';
import { startAccountsBus, type AccountsBus } from '../support/accounts-bus.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { startAgentStandIn, type AgentStandInOptions } from '../support/agent-stand-in.ts';
import { runCli, testFolder, type TestFolder } from '../support/cli.ts';
import { findLeaks } from '../support/leak-search.ts';
import { startTestNats } from '../support/nats.ts';
import { agentEnvironment, startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

interface Report {
  code: number | null;
  ok: boolean;
  severity: string;
  findings: Finding[];
  stdout: string;
  stderr: string;
  /** The first finding of that id. */
  of(id: string, which?: string): Finding;
  failed: string[];
  warned: string[];
}

let home: TestFolder;

async function doctor(env: Record<string, string>, ...args: string[]): Promise<Report> {
  const places = { HOME: home.path, XDG_CONFIG_HOME: home.path };
  const { code, stdout, stderr } = await runCli(['doctor', '--json', ...args], { env: { ...places, ...env } });
  const { ok, severity, findings } = JSON.parse(stdout) as Report;
  const ids = (wanted: string): string[] =>
    findings.filter((found) => found.severity === wanted).map(({ id, of }) => (of === undefined ? id : `${id} ${of}`));
  for (const { id, name, why, what } of findings) {
    assert.ok(id in findingTexts, id);
    assert.ok(name !== '' && why !== '' && what !== '', id);
  }
  return {
    code,
    ok,
    severity,
    findings,
    stdout,
    stderr,
    of(id, which) {
      const found = findings.find((each) => each.id === id && each.of === which);
      assert.ok(found, `${id}: ${stdout}`);
      return found;
    },
    failed: ids('failed'),
    warned: ids('warning'),
  };
}

/** What builds on what has failed says so, and nothing else is said of it. */
function assertSkipped({ findings }: Report, ids: readonly string[]): void {
  for (const id of ids) {
    const found = findings.filter((each) => each.id === id);
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['skipped'],
      id,
    );
    assert.match(found[0]?.what ?? '', /first|heard|reached|waits|itself/i, id);
  }
}

before(async () => {
  home = await testFolder();
});
after(() => home[Symbol.asyncDispose]());

/** After something was wrong with them, tried at once and not after their back-off. */
async function serversAreReady(stack: Stack): Promise<void> {
  await until(
    'servers are ready again',
    async () => {
      await stack.ui.request('mcpManage', { action: 'refresh' }, { timeoutMs: 40_000 });
      const { servers } = await stack.ui.request('toolList', {});
      return servers.every(({ state }) => state === 'ready');
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
}

describe('doctor - the agent and what it needs', () => {
  let stack: Stack;
  let env: Record<string, string>;
  const everything = ['--refresh', '--probe'];
  before(async () => {
    stack = await startStack({
      servers: (workiq) => ({
        workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } },
        mail: { type: 'http', url: workiq.mailUrl, auth: { profile: 'mail' } },
      }),
    });
    const profile = 'Auth__Profiles__mail__';
    await stack.restartAgent({
      env: {
        [`${profile}Scopes`]: '16b1878d-62c7-4009-aa25-68989d63bbad/Tools.ListInvoke.All',
        [`${profile}AllowedOrigins`]: stack.workiq.origin,
      },
    });
    env = { ROCKBOT_NATS_URL: stack.nats.url };
  });
  after(() => stack[Symbol.asyncDispose]());

  test('doctor - nobody signed in: that is the failure, and servers wait for it', async () => {
    const report = await doctor(env);
    assert.equal(report.code, 77);
    assert.deepEqual(report.failed, ['sign-in.state']);
    assert.match(report.of('sign-in.state').action ?? '', /Connect M365/);
    for (const id of ['server.reach', 'server.authorised', 'server.entitled'])
      assert.equal(report.of(id, 'workiq').severity, 'skipped');
    const asked = await doctor(env, ...everything);
    assert.equal(asked.of('sign-in.refresh').severity, 'skipped');
  });

  test('doctor - all in order: exit code 0, from the bus to a call, accounted for as the doctor', async () => {
    await stack.connect();
    await until('servers are ready', async () => {
      const { servers } = await stack.ui.request('toolList', {});
      return servers.every(({ state }) => state === 'ready');
    });
    const refreshes = async (): Promise<number> =>
      (await stack.entra.control.requests()).filter(({ endpoint }) => endpoint === 'token').length;
    const before = await refreshes();
    const looked = await doctor(env);
    assert.deepEqual([looked.code, looked.ok, looked.failed, looked.warned], [0, true, [], []], looked.stdout);
    assert.equal(looked.of('server.entitled', 'workiq').severity, 'skipped');
    assert.equal(await refreshes(), before, 'a look asks for no token');
    const audit = (): Promise<string> =>
      readFile(join(stack.agent.dataDir, 'audit', 'audit.jsonl'), 'utf8').catch(() => '');
    assert.equal(await audit(), '', 'a look calls no tool');

    const checked = await doctor(env, ...everything);
    assert.deepEqual(
      [checked.code, checked.severity, checked.failed, checked.warned],
      [0, 'note', [], []],
      checked.stdout,
    );
    assert.match(checked.of('agent.key').action ?? '', /compare it/, 'this person has not signed in here before');
    assert.equal(checked.of('sign-in.refresh').severity, 'ok');
    assert.ok((await refreshes()) > before);
    for (const server of ['workiq', 'mail']) assert.equal(checked.of('server.entitled', server).severity, 'ok');
    const lines = (
      await until('the calls are in the audit log', async () => {
        const text = await audit();
        return text.split('\n').length > 2 && text;
      })
    )
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { caller: string; tool: string; outcome: string });
    assert.deepEqual(lines.map(({ caller, tool, outcome }) => [caller, tool, outcome]).toSorted(), [
      ['doctor', 'SearchMessagesQueryParameters', 'ok'],
      ['doctor', 'fetch', 'ok'],
    ]);
  });

  test('doctor - a missing licence shows with a call alone', async () => {
    await stack.workiq.control.inject({ kind: 'entitlement', times: 'all', endpoint: 'mcp' });
    try {
      const looked = await doctor(env);
      assert.equal(looked.code, 0, looked.stdout);
      const probed = await doctor(env, '--probe');
      assert.equal(probed.code, 77);
      assert.deepEqual(probed.failed, ['server.entitled workiq']);
      assert.match(probed.of('server.entitled', 'workiq').action ?? '', /licence|billing/);
    } finally {
      await stack.workiq.control.clearFaults();
    }
  });

  test('doctor - a server that is down, one that refuses the token with 401, one with 403', async () => {
    const { inject, clearFaults } = stack.workiq.control;
    const cases = [
      [{ kind: 'server-error' as const, status: 503 }, 'server.reach', 1],
      [{ kind: 'unauthorized' as const }, 'server.authorised', 77],
      [{ kind: 'forbidden' as const, form: 'bare' as const }, 'server.authorised', 77],
    ] as const;
    for (const [fault, id, code] of cases) {
      await inject({ ...fault, times: 'all', method: '*', endpoint: 'mcp' });
      try {
        const report = await doctor(env);
        assert.ok(report.failed.includes(`${id} workiq`), `${fault.kind}: ${report.stdout}`);
        assert.equal(report.code, code, fault.kind);
        assert.equal(report.of('server.entitled', 'workiq').severity, 'skipped');
      } finally {
        await clearFaults();
        await stack.ui.request('mcpManage', { action: 'refresh' });
      }
    }
    await serversAreReady(stack);
  });

  test('[P9] doctor - Entra out of reach: told as that, also by a refresh, and the sign-in is kept', async () => {
    await stack.entra.control.changeSettings({ outage: 'refused' });
    try {
      const report = await doctor(env, '--refresh');
      assert.equal(report.code, 1);
      assert.deepEqual(report.failed, ['entra.reach', 'sign-in.refresh']);
      assertSkipped(report, ['entra.tenant', 'entra.clock']);
      assert.match(report.of('sign-in.refresh').what, /kept/);
      assert.notEqual(report.of('sign-in.state').severity, 'failed');
    } finally {
      await stack.entra.control.changeSettings({ outage: 'none' });
    }
    await until('the sign-in works again', async () => (await doctor(env, '--refresh')).code === 0, {
      timeoutMs: 60_000,
      everyMs: 500,
    });
  });

  test('doctor - a gateway in place of Entra, an unknown tenant, and a clock that is far off', async () => {
    const answer = async (status: number, headers: Record<string, string>, body: string): Promise<Report> => {
      await stack.entra.control.addFault({
        endpoint: 'discovery',
        times: 'all',
        action: { kind: 'http', status, headers, body },
      });
      try {
        return await doctor(env);
      } finally {
        await stack.entra.control.clearFaults();
      }
    };
    const portal = await answer(200, { 'content-type': 'text/html' }, '<html>Log in to the network</html>');
    assert.deepEqual([portal.code, portal.failed], [1, ['entra.reach']]);
    assert.deepEqual([portal.of('entra.tenant').severity, portal.of('entra.clock').severity], ['skipped', 'skipped']);
    const description = "AADSTS90002: Tenant 'x' not found. Check to make sure you have the correct tenant ID.";
    const unknown = await answer(400, {}, JSON.stringify({ error: 'invalid_tenant', error_description: description }));
    assert.deepEqual([unknown.code, unknown.failed], [78, ['entra.tenant']]);
    assert.match(unknown.of('entra.tenant').what, /AADSTS90002/);
    const other = JSON.stringify({
      issuer: 'https://login.example/other/v2.0',
      token_endpoint: 'https://login.example/token',
    });
    const foreign = await answer(200, { date: new Date(Date.now() - 600_000).toUTCString() }, other);
    assert.deepEqual([foreign.code, foreign.failed], [78, ['entra.tenant', 'entra.clock']]);
    assert.match(foreign.of('entra.clock').what, /10 min ahead/);
  });

  test('doctor - files: open secrets, a broken mcp.json, a wrong entry, a broken patrols.json', async () => {
    const { dataDir } = stack.agent;
    const mcp = join(dataDir, 'mcp.json');
    const text = await readFile(mcp, 'utf8');
    await chmod(join(dataDir, 'secrets', 'agent-key.jwk'), 0o644);
    await writeFile(join(dataDir, 'patrols.json'), '{ "patrols": [');
    await writeFile(mcp, '{ "mcpServers": {');
    const broken = await until(
      'the agent has read the files',
      async () => {
        const report = await doctor(env);
        return report.failed.length >= 3 && report;
      },
      { timeoutMs: 60_000 },
    );
    assert.equal(broken.code, 78);
    assert.deepEqual(broken.failed, ['agent.secrets', 'agent.mcp-json', 'agent.patrols-json'], broken.stdout);
    assert.match(broken.of('agent.secrets').what, /agent-key\.jwk \(0644\)/);
    await chmod(join(dataDir, 'secrets', 'agent-key.jwk'), 0o600);
    await chmod(join(dataDir, 'secrets'), 0o755);
    await writeFile(join(dataDir, 'patrols.json'), '{}');
    await writeFile(
      mcp,
      JSON.stringify({
        mcpServers: { ...(JSON.parse(text) as { mcpServers: object }).mcpServers, odd: { type: 'http' } },
      }),
    );
    const wrong = await until(
      'the agent has read them again',
      async () => {
        const report = await doctor(env);
        return report.failed.includes('server.reach odd') && report;
      },
      { timeoutMs: 60_000 },
    );
    assert.equal(wrong.code, 78);
    assert.match(wrong.of('agent.secrets').what, /secrets \(0755\)/);
    assert.match(wrong.of('agent.mcp-json').what, /odd/);
    assert.equal(wrong.of('agent.patrols-json').severity, 'ok');
    await chmod(join(dataDir, 'secrets'), 0o700);
    await writeFile(mcp, text);
    await until('all is well again', async () => (await doctor(env)).code === 0, { timeoutMs: 60_000 });
  });

  test('[P6] doctor - no secret is in what it says, whatever servers and files say', async () => {
    const { inject, clearFaults } = stack.workiq.control;
    const reports: Report[] = [await doctor(env, ...everything)];
    const secrets = (await stack.entra.control.secrets()).map(({ kind, value }) => ({ kind, value }));
    const bearer = secrets.findLast(({ kind }) => kind === 'access_token');
    await inject({ kind: 'http', status: 500, body: `Bearer ${bearer?.value ?? ''}`, times: 'all', method: '*' });
    reports.push(await doctor(env, ...everything));
    await clearFaults();
    const people = await runCli(['doctor', ...everything], {
      env: { ...env, HOME: home.path, XDG_CONFIG_HOME: home.path },
    });
    const key = await readFile(join(stack.agent.dataDir, 'secrets', 'agent-key.jwk'), 'utf8');
    const privateKey = /"d":\s*"([^"]+)"/.exec(key)?.[1] ?? '';
    assert.ok(secrets.length > 0 && privateKey !== '');
    const places = [
      ...reports.map(({ stdout, stderr }, index) => ({ name: `report ${index}`, text: stdout + stderr })),
      { name: 'for people', text: people.stdout + people.stderr },
    ];
    assert.deepEqual(findLeaks([...secrets, { kind: 'agent key', value: privateKey }], places), []);
    await serversAreReady(stack);
  });

  test('doctor - a second agent of the same name', async () => {
    await using _second = await startAgentProcess({ busUrl: stack.nats.url, env: stack.agentEnv, mcpConfig: {} });
    const report = await until(
      'one of the two has heard of the other',
      async () => {
        const found = await doctor(env);
        return found.failed.includes('agent.single') && found;
      },
      { timeoutMs: 40_000 },
    );
    assert.equal(report.failed[0], 'agent.single');
    assert.equal(report.code, 78);
  });

  test('[S5] doctor - expired: a refresh that Entra refuses ends the sign-in, and the doctor says what to do', async () => {
    await stack.restartAgent();
    await until('it is connected', async () => (await stack.ui.request('authState', {})).status === 'connected');
    await stack.entra.control.revokeRefreshTokens();
    const refused = await doctor(env, '--refresh');
    assert.equal(refused.code, 77, refused.stdout);
    assert.deepEqual(refused.failed, ['sign-in.state', 'sign-in.refresh']);
    const expired = await doctor(env);
    assert.deepEqual([expired.code, expired.failed], [77, ['sign-in.state']]);
    assert.match(expired.of('sign-in.state').what, /^Expired as adele/);
  });
});

describe('doctor - settings of the agent', () => {
  test('doctor - what the configuration warns of, an unknown tenant, and a name that nobody knows', async () => {
    await using stack = await startStack({ agentEnv: { WorkIQ__Scopes: 'Mail.Read' } });
    const env = { ROCKBOT_NATS_URL: stack.nats.url };
    const warned = await doctor(env);
    assert.deepEqual(warned.warned, ['agent.configuration']);
    assert.match(warned.of('agent.configuration').what, /WorkIQ__Scopes/);
    const tenant = '99999999-0000-4000-8000-00000000aaaa';
    const authority = stack.entra.authority.replace(stack.entra.tenantId, tenant);
    await stack.restartAgent({ env: { WorkIQ__TenantId: tenant, WorkIQ__Authority: authority } });
    const unknown = await doctor(env);
    assert.deepEqual(unknown.failed, ['entra.tenant', 'sign-in.state'], unknown.stdout);
    assert.equal(unknown.code, 78);
    const host = 'no-such-host.invalid';
    await stack.restartAgent({
      env: { WorkIQ__TenantId: stack.entra.tenantId, WorkIQ__Authority: `https://${host}/${stack.entra.tenantId}` },
    });
    const nameless = await doctor(env);
    assert.match(nameless.of('entra.reach').what, /no-such-host\.invalid/);
    assert.match(nameless.of('entra.reach').what, /ENOTFOUND|EAI_AGAIN/);
    const untrusted = agentEnvironment(stack.entra);
    await stack.restartAgent({ env: { WorkIQ__Authority: untrusted['WorkIQ__Authority'] ?? '', WorkIQ__CaFile: '' } });
    const tls = await doctor(env);
    assert.match(tls.of('entra.reach').action ?? '', /WorkIQ__CaFile/);
  });
});

describe('doctor - bus and agent as this side sees them', () => {
  const account = { id: 'o', username: 'adele@contoso.example', tenantId: 't' };
  const connected: Partial<AgentStandInOptions> = { state: { status: 'connected', account } };

  async function beside(
    options: Partial<AgentStandInOptions>,
    use: (env: Record<string, string>, busUrl: string) => Promise<void>,
  ): Promise<void> {
    const nats = await startTestNats();
    try {
      await using _agent = await startAgentStandIn({ busUrl: nats.url, ...connected, ...options });
      await use({ ROCKBOT_NATS_URL: nats.url }, nats.url);
    } finally {
      await nats.stop();
    }
  }

  test('doctor - no bus, something that is none, and no agent', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await until('it listens', () => closed.address() !== null);
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const down = await doctor({ ROCKBOT_NATS_URL: `ws://127.0.0.1:${port}` });
    assert.deepEqual([down.code, down.failed], [69, ['bus.reach']]);
    assertSkipped(down, [
      'bus.publish',
      'agent.answers',
      'agent.key',
      'entra.reach',
      'sign-in.state',
      'servers.configured',
    ]);
    await using nats = await startTestNats();
    const absent = await doctor({ ROCKBOT_NATS_URL: nats.url });
    assert.deepEqual([absent.code, absent.failed], [69, ['agent.answers']]);
    assert.equal(absent.of('bus.publish').severity, 'ok');
    assertSkipped(absent, ['agent.heartbeat', 'agent.version', 'entra.reach', 'sign-in.state']);
  });

  test('doctor - credentials that cannot be read, and a file that others may read', async () => {
    const missing = await doctor({ ROCKBOT_NKEY: join(home.path, 'missing.nk') });
    assert.deepEqual([missing.code, missing.failed], [78, ['bus.credentials']]);
    assertSkipped(missing, ['bus.reach', 'agent.answers']);
  });

  test('doctor - another version than that of the agent', async () => {
    await beside({ version: '7.3.0' }, async (_env, busUrl) => {
      await using bus = await connectBus({ url: busUrl, agent: 'rockbot', source: 'test' });
      const findings = await runDoctor({
        busUrl,
        agent: 'rockbot',
        version: '7.2.9',
        settings: { problems: [], summary: 'fine' },
        credentials: async () => undefined,
        openBus: async () => bus,
        expectedKey: async () => undefined,
        ask: { refresh: false, probe: false },
        clock: systemClock,
        signal: new AbortController().signal,
      });
      const [found, ...others] = findings.filter(({ severity }) => severity === 'warning' || severity === 'failed');
      assert.deepEqual([found?.id, others], ['agent.version', []]);
      assert.match(found?.action ?? '', /Update this program to 7\.3/);
    });
  });

  test('doctor - an older agent, another key, a clock that is off', async () => {
    await beside({ looksAtItself: false }, async (env) => {
      const report = await doctor(env);
      assert.deepEqual([report.code, report.warned], [0, ['agent.serves', 'agent.checks']]);
      assertSkipped(report, ['agent.volume', 'entra.reach', 'sign-in.state']);
      assert.equal((await doctor(env, '--refresh')).code, 1, 'what was asked for was not done');
    });
    await beside({}, async (env, busUrl) => {
      const folder = configFolder({ HOME: home.path, XDG_CONFIG_HOME: home.path });
      await createKnownAgents({ folder }).remember({ busUrl, agent: 'rockbot' }, { fingerprint: 'SHA256:another' });
      const report = await doctor(env);
      assert.deepEqual([report.code, report.failed], [77, ['agent.key']]);
      assert.match(report.of('agent.key').what, /instead of SHA256:another/);
    });
    for (const [clockAheadMs, severity] of [
      [10 * 60_000, 'failed'],
      [-10 * 60_000, 'failed'],
      [-45_000, 'warning'],
      [0, 'ok'],
    ] as const)
      await beside({ clockAheadMs }, async (env) => {
        const report = await doctor(env);
        assert.equal(report.of('agent.clock').severity, severity, String(clockAheadMs));
        assert.equal(report.code, severity === 'failed' ? 1 : 0);
      });
  });

  test('doctor - two agents whose heartbeats both come', async () => {
    await beside({ instance: 'one', looksAtItself: false }, async (env, busUrl) => {
      await using _other = await startAgentStandIn({ busUrl, instance: 'two', ...connected, looksAtItself: false });
      const report = await doctor(env);
      assert.ok(report.failed.includes('agent.single'), report.stdout);
      assert.equal(report.code, 78);
    });
  });
});

describe('doctor - rights on the bus', () => {
  let bus: AccountsBus;
  before(async () => {
    bus = await startAccountsBus();
  });
  after(() => bus[Symbol.asyncDispose]());

  async function envOf(
    user: Parameters<AccountsBus['seed']>[0],
    on: AccountsBus = bus,
  ): Promise<Record<string, string>> {
    await mkdir(join(home.path, 'keys'), { recursive: true });
    const path = join(home.path, 'keys', `${user}.nk`);
    await writeFile(path, on.seed(user), { mode: 0o600 });
    return { ROCKBOT_NATS_URL: on.server.url, ROCKBOT_NKEY: path };
  }

  test('doctor - on the shipped accounts a person has all rights and none too many, a viewer looks, others are told', async () => {
    const state = { status: 'connected' as const, account: { id: 'o', username: 'a@contoso.example', tenantId: 't' } };
    await using _agent = await startAgentStandIn({ busUrl: bus.server.url, seed: bus.seed('AGENT'), state });
    const alice = await doctor(await envOf('UI_ALICE'));
    assert.deepEqual([alice.code, alice.failed, alice.warned], [0, [], []], alice.stdout);
    const viewer = await doctor(await envOf('UI_VIEWER'));
    assert.deepEqual([viewer.code, viewer.failed, viewer.warned], [0, [], []], viewer.stdout);
    assert.deepEqual([viewer.of('bus.publish').severity, viewer.of('bus.subscribe').severity], ['note', 'note']);
    const greedy = await doctor(await envOf('UI_VIEWER'), '--probe');
    assert.equal(greedy.code, 77, 'who may not call tools may not have them called');
    assert.deepEqual(greedy.failed, ['agent.checks']);
    assert.deepEqual(
      greedy.findings.filter(({ severity }) => severity === 'skipped').map(({ id }) => id),
      viewer.findings.filter(({ severity }) => severity === 'skipped').map(({ id }) => id),
      'what a look alone finds is told all the same',
    );
    const stranger = await doctor(await envOf('STRANGER'));
    assert.deepEqual([stranger.code, stranger.failed], [77, ['bus.reach']]);
    const monitor = await doctor(await envOf('MONITOR'));
    assert.deepEqual([monitor.code, monitor.failed], [77, ['bus.answers']]);
    await chmod((await envOf('UI_ALICE'))['ROCKBOT_NKEY'] ?? '', 0o644);
    const open = await doctor({
      ROCKBOT_NATS_URL: bus.server.url,
      ROCKBOT_NKEY: join(home.path, 'keys', 'UI_ALICE.nk'),
    });
    assert.deepEqual(open.warned, ['bus.credentials']);
    assert.doesNotMatch(open.stdout + open.stderr, /\bSU[A-Z2-7]{56}\b/);
  });

  test('doctor - a right that is missing on either side, and one too many', async () => {
    const conf = await readFile(new URL('../../deploy/nats/accounts.conf', import.meta.url), 'utf8');
    const [publish, , served] = ['"tool.invoke.mcp.rockbot"', '', '"mcp.file.rockbot"'];
    const without = (text: string, list: string, subject = ''): string => {
      const from = text.indexOf(list);
      const at = text.indexOf(subject, from);
      assert.ok(from >= 0 && at > from, `${list} ${subject}`);
      return text.slice(0, at) + text.slice(at + subject.length);
    };
    let configText = without(conf, 'REQUESTS_TO_rockbot', publish);
    configText = without(configText, 'HEARD_BY_rockbot', served);
    configText = without(configText, '$ROCKBOT_UI_ALICE_INBOX', '"tool.result.rockbot"');
    // Bob may hear everything.
    const bob = configText.indexOf('$ROCKBOT_UI_BOB_INBOX');
    configText = `${configText.slice(0, bob)}$ROCKBOT_UI_BOB_INBOX\n"auth.workiq.cache.rockbot"${configText.slice(bob + '$ROCKBOT_UI_BOB_INBOX'.length)}`;
    await using narrow = await startAccountsBus({ configText });
    const state = { status: 'connected' as const };
    await using _agent = await startAgentStandIn({ busUrl: narrow.server.url, seed: narrow.seed('AGENT'), state });
    const alice = await doctor(await envOf('UI_ALICE', narrow));
    assert.equal(alice.code, 77);
    assert.deepEqual(alice.failed, ['bus.publish', 'bus.subscribe', 'agent.serves'], alice.stdout);
    assert.match(alice.of('bus.publish').what, /tool\.invoke\.mcp\.rockbot\./);
    assert.match(alice.of('bus.subscribe').what, /tool\.result\.rockbot\./);
    assert.match(alice.of('agent.serves').what, /mcp\.file\.rockbot\./);
    const bobs = await doctor(await envOf('UI_BOB', narrow));
    assert.ok(bobs.warned.includes('bus.least-rights'), bobs.stdout);
    assert.match(bobs.of('bus.least-rights').what, /auth\.workiq\.cache\.rockbot/);
  });
});
