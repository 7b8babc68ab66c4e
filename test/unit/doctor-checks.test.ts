// Checks of the doctor that a whole stack can hardly be brought to fail: full disks, a volume that hangs, modes, clocks, versions, keys.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { checkPatrolsJson } from '../../agent/checks/check-files.ts';
import { checkEntra } from '../../agent/checks/check-entra.ts';
import { checkSecretFiles } from '../../agent/checks/check-secret-files.ts';
import { checkServers } from '../../agent/checks/check-servers.ts';
import { checkRefresh, checkSignIn } from '../../agent/checks/check-sign-in.ts';
import { checkVolume, failedBelowBytes, warnBelowBytes } from '../../agent/checks/check-volume.ts';
import { harmlessRead } from '../../agent/checks/harmless-reads.ts';
import { workIqReads } from '../../agent/bridge/work-iq-reads.ts';
import { checkClock, checkVersion } from '../../extension/doctor/check-agent.ts';
import { BusUnreachableError } from '../../extension/bus/bus-unreachable.ts';
import { checkKey } from '../../extension/doctor/check-key.ts';
import { doctorDocument } from '../../extension/doctor/doctor-document.ts';
import { runDoctor, type DoctorOptions } from '../../extension/doctor/run-doctor.ts';
import { systemClock } from '../../shared/clock.ts';
import { doctorMarkdown } from '../../extension/doctor/doctor-markdown.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { agentLook, type Finding } from '../../shared/contract/check-messages.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { finding, findingTexts } from '../../shared/doctor/finding.ts';
import { worstSeverity } from '../../shared/doctor/severity.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const errno = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

function rejecting(error: unknown): () => Promise<never> {
  return async () => {
    throw error;
  };
}

async function folder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'rockbot-doctor-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe('doctor checks - the volume', () => {
  test('doctor checks - a volume that is full, read-only, or does not answer fails; little room warns', async () => {
    const look = (options: Partial<Parameters<typeof checkVolume>[0]>) =>
      checkVolume({ dataDir: '/data', tryToWrite: async () => {}, freeBytes: async () => 1e12, ...options });
    const severities = async (options: Parameters<typeof look>[0]): Promise<string[]> =>
      (await look(options)).map(({ severity }) => severity);
    assert.deepEqual(await severities({}), ['ok', 'ok']);
    assert.deepEqual(await severities({ freeBytes: async () => warnBelowBytes - 1 }), ['ok', 'warning']);
    assert.deepEqual(await severities({ freeBytes: async () => failedBelowBytes - 1 }), ['ok', 'failed']);
    const full = await look({ tryToWrite: () => Promise.reject(errno('ENOSPC')), freeBytes: async () => 0 });
    assert.deepEqual(
      full.map(({ severity }) => severity),
      ['failed', 'failed'],
    );
    assert.match(full[0]?.what ?? '', /no space left \(ENOSPC\)/);
    const readOnly = await look({ tryToWrite: () => Promise.reject(errno('EROFS')) });
    assert.match(readOnly[0]?.what ?? '', /cannot be written to \(EROFS\)/);
    const never = new Promise<never>(() => {});
    const hung = await look({ tryToWrite: () => never, freeBytes: () => never, patienceMs: 1 });
    assert.deepEqual(
      hung.map(({ severity }) => severity),
      ['failed', 'skipped'],
    );
    assert.match(hung[0]?.what ?? '', /does not answer/);
  });

  test('doctor checks - a real folder: written to and cleaned up', async () => {
    await using at = await folder();
    const [writing, space] = await checkVolume({ dataDir: at.path });
    assert.equal(writing?.severity, 'ok');
    assert.match(space?.what ?? '', /MB are left/);
  });

  test('[P2] doctor checks - modes of secrets, also of a cache that lies elsewhere; Windows is not judged', async () => {
    await using at = await folder();
    const elsewhere = join(at.path, 'elsewhere');
    await mkdir(join(at.path, 'secrets'), { mode: 0o700 });
    await mkdir(elsewhere);
    const cacheFile = join(elsewhere, 'cache.bin');
    await writeFile(join(at.path, 'secrets', 'agent-key.jwk'), '{}', { mode: 0o600 });
    await writeFile(cacheFile, '{}', { mode: 0o600 });
    await writeFile(join(elsewhere, 'of others.txt'), '', { mode: 0o644 });
    const look = (platform?: NodeJS.Platform) => checkSecretFiles({ dataDir: at.path, cacheFile, platform });
    assert.equal((await look('linux')).severity, 'ok');
    await chmod(cacheFile, 0o640);
    const open = await look('linux');
    assert.equal(open.severity, 'failed');
    assert.match(open.what, /cache\.bin \(0640\)/);
    assert.doesNotMatch(open.what, /of others/);
    assert.equal((await look('win32')).severity, 'skipped');
  });

  test('doctor checks - patrols that could not be started are told, not thrown', async () => {
    const [found] = await checkPatrolsJson(() =>
      Promise.reject(new RockBotError({ code: 'internal', message: 'Patrols could not be started.' })),
    );
    assert.equal(found?.severity, 'failed');
  });
});

describe('doctor checks - Entra and the sign-in', () => {
  const ask = (error: unknown, env: NodeJS.ProcessEnv = {}) =>
    checkEntra({
      authority: 'https://login.example/t',
      tenantId: 't',
      dispatcher: async () => ({ request: rejecting(error) }) as never,
      env,
      clock: { now: () => 0 },
      signal: new AbortController().signal,
    });

  test('doctor checks - name service, certificate, proxy and network are told apart', async () => {
    const cases: [unknown, NodeJS.ProcessEnv, RegExp, RegExp][] = [
      [errno('ENOTFOUND'), {}, /name login\.example is not known/, /name service/],
      [errno('SELF_SIGNED_CERT_IN_CHAIN'), {}, /authority that the agent does not know/, /WorkIQ__CaFile/],
      [errno('CERT_HAS_EXPIRED'), {}, /is not valid/, /clock/],
      [errno('ECONNREFUSED'), {}, /cannot be reached \(ECONNREFUSED\)/, /NetworkPolicy/],
      [new DOMException('late', 'TimeoutError'), {}, /cannot be reached/, /NetworkPolicy/],
      [
        errno('UND_ERR_ABORTED'),
        { HTTPS_PROXY: 'http://user:hunter2@proxy.example:3128' },
        /through the proxy proxy\.example:3128/,
        /NO_PROXY/,
      ],
    ];
    for (const [error, env, what, action] of cases) {
      const [reach, ...rest] = await ask(error, env);
      assert.equal(reach?.severity, 'failed');
      assert.match(reach.what, what);
      assert.match(reach.action ?? '', action);
      assert.doesNotMatch(JSON.stringify(reach), /hunter2/);
      assert.deepEqual(
        rest.map(({ severity }) => severity),
        ['skipped', 'skipped'],
      );
    }
  });

  test('doctor checks - states of the sign-in', () => {
    const state = { since: '2027-01-01T00:00:00Z', generation: 1 };
    const account = { id: 'o', username: 'adele@contoso.example', tenantId: 't' };
    const reason = { code: 'admin_action_required', message: 'Entra wants more.', action: 'Register the service.' };
    const cases: [AuthState, string][] = [
      [{ ...state, status: 'not_connected' }, 'failed'],
      [{ ...state, status: 'connected', account }, 'ok'],
      [{ ...state, status: 'degraded', account, reason }, 'warning'],
      [{ ...state, status: 'expired', account, reason }, 'failed'],
      [
        {
          ...state,
          status: 'connected',
          account,
          endsAt: {
            at: '2027-01-02T00:00:00Z',
            cause: 'sign_in_frequency',
            soon: true,
            message: 'The tenant ends it.',
          },
        },
        'warning',
      ],
    ];
    for (const [each, severity] of cases) assert.equal(checkSignIn(each).severity, severity, each.status);
    assert.equal(checkSignIn({ ...state, status: 'expired', account, reason }).action, 'Register the service.');
  });

  test('[P9] doctor checks - a refresh that fails for an outage is no matter of the sign-in', async () => {
    const look = (code: RockBotError['code']) =>
      checkRefresh({
        isWanted: true,
        isConnected: true,
        refresh: () => Promise.reject(new RockBotError({ code, message: 'No.' })),
      });
    assert.deepEqual(
      [(await look('server_unavailable')).fault, (await look('auth_required')).fault],
      ['other', 'permission'],
    );
    assert.match((await look('server_unavailable')).what, /kept/);
  });
});

describe('doctor checks - servers', () => {
  const tool = (name: string, properties: object = {}, sideEffects: 'read' | 'write' = 'read') => ({
    name,
    inputSchema: { type: 'object', properties },
    sideEffects,
  });
  const server = (more: Partial<ListedServer>): ListedServer => ({
    name: 'workiq',
    state: 'ready',
    type: 'streamable-http',
    profile: 'workiq',
    tools: [tool('fetch', { entityUrls: {} })],
    hidden: [],
    ...more,
  });

  test('doctor checks - only what is known to read is called, on servers that get the bearer', () => {
    assert.equal(harmlessRead(server({}))?.tool, 'fetch');
    assert.equal(harmlessRead(server({ profile: undefined })), undefined);
    assert.equal(
      harmlessRead(server({ tools: [tool('fetch', { id: {} })] })),
      undefined,
      "Dataverse's fetch is another one",
    );
    assert.equal(harmlessRead(server({ tools: [tool('fetch', { entityUrls: {} }, 'write')] })), undefined);
    assert.equal(harmlessRead(server({ tools: [tool('CopilotChat')] })), undefined, 'an answer of Copilot is dear');
    for (const name of ['GetMyDetails', 'ListTeams', 'getOnedrive', 'list_tables'])
      assert.ok(workIqReads.has(harmlessRead(server({ tools: [tool(name)] }))?.tool ?? ''), name);
  });

  const look = (listed: ListedServer, probe?: RockBotError['code'] | 'ok', auth: AuthState['status'] = 'connected') =>
    checkServers({
      bridge: { list: () => [listed], refresh: async () => {} },
      auth,
      probe:
        probe === undefined
          ? undefined
          : () =>
              probe === 'ok' ? Promise.resolve() : Promise.reject(new RockBotError({ code: probe, message: 'No.' })),
      signal: new AbortController().signal,
    });
  const severities = async (...options: Parameters<typeof look>): Promise<string> =>
    (await look(...options))
      .slice(1)
      .map(({ severity }) => severity)
      .join(' ');

  test('doctor checks - reached, authorised, entitled: each failure stops what builds on it', async () => {
    const down = { code: 'server_unavailable', message: 'Down.', retryable: true };
    const refused = { code: 'forbidden', message: 'No.', retryable: false };
    assert.equal(await severities(server({}), 'ok'), 'ok ok ok');
    assert.equal(await severities(server({})), 'ok ok skipped');
    assert.equal(await severities(server({ state: 'unavailable', error: down })), 'failed skipped skipped');
    assert.equal(await severities(server({ state: 'auth_required', error: refused })), 'ok failed skipped');
    assert.equal(await severities(server({ state: 'invalid', error: refused })), 'failed skipped skipped');
    assert.equal(await severities(server({ state: 'disabled' })), 'note skipped skipped');
    assert.equal(await severities(server({}), 'ok', 'expired'), 'skipped skipped skipped');
    assert.equal(await severities(server({}), 'entitlement_required'), 'ok ok failed');
    assert.equal(await severities(server({}), 'guard_denied'), 'ok ok skipped');
    assert.equal(await severities(server({}), 'throttled'), 'ok ok warning');
    assert.equal(await severities(server({}), 'policy_denied'), 'ok ok warning');
    const late = (await look(server({}), 'timeout')).at(-1);
    assert.equal(late?.severity, 'failed');
    assert.match(late.action ?? '', /later/, 'asking for less is no advice for the smallest call there is');
  });
});

describe('doctor checks - what this side sees', () => {
  const examine = (options: Partial<DoctorOptions>): Promise<Finding[]> =>
    runDoctor({
      busUrl: 'wss://bus.example',
      agent: 'rockbot',
      version: '1.0.0',
      settings: { problems: [], summary: 'fine' },
      credentials: async () => undefined,
      openBus: async () => {
        throw new BusUnreachableError({ message: 'No bus.', action: 'Look.' });
      },
      expectedKey: async () => undefined,
      ask: { refresh: false, probe: false },
      clock: systemClock,
      signal: new AbortController().signal,
      ...options,
    });

  test('doctor checks - with a wrong setting nothing is connected, and every other check is named as not looked at', async () => {
    const openBus = (): Promise<never> => assert.fail('the bus is left alone');
    const findings = await examine({ settings: { problems: ['rockbot.nats.url is none.'], summary: '' }, openBus });
    const [first, ...rest] = findings;
    assert.deepEqual([first?.id, first?.severity, first?.fault], ['settings.local', 'failed', 'configuration']);
    assert.ok(rest.every(({ severity }) => severity === 'skipped'));
    const ofServers = ['server.reach', 'server.authorised', 'server.entitled'];
    const expected = Object.keys(findingTexts).filter((id) => !ofServers.includes(id) && id !== 'bus.encryption');
    assert.deepEqual(findings.map(({ id }) => id).toSorted(), expected.toSorted());
  });

  test('doctor checks - advice is in the words of the program, and secrets are masked', async () => {
    const findings = await examine({
      advice: () => 'Set Bus Credentials.',
      openBus: async () => {
        throw new BusUnreachableError({ message: `No: SU${'A'.repeat(56)}`, action: 'Use --nats.' });
      },
    });
    const reach = findings.find(({ id }) => id === 'bus.reach');
    assert.deepEqual([reach?.fault, reach?.action], ['unreachable', 'Set Bus Credentials.']);
    assert.doesNotMatch(reach?.what ?? '', /SUA{20}/);
  });

  test('doctor checks - whoever cancels gets no report, and a defect is none of what is looked at', async () => {
    const cancelled = AbortSignal.abort(new Error('Cancelled.'));
    await assert.rejects(examine({ signal: cancelled }), /Cancelled/);
    await assert.rejects(examine({ credentials: rejecting(new TypeError('defect')) }), TypeError);
  });

  test('doctor checks - versions, clocks and keys', async () => {
    const version = (own: string, agent: string): string => checkVersion({ own, agent }).severity;
    assert.equal(version('1.2.3', '1.2.9'), 'ok');
    assert.equal(version('1.2.3', '1.3.0'), 'warning');
    assert.equal(version('2.0.0', '1.3.0'), 'warning');
    assert.equal(version('0.0.0-dev', '1.3.0'), 'ok');
    assert.equal(version('1.3.0', 'unknown'), 'ok');
    const clock = (aheadMs: number, tookMs = 0): string => checkClock({ aheadMs, tookMs }).severity;
    assert.deepEqual(
      [0, 20_000, 45_000, 61_000, -61_000, -181_000].map((ms) => clock(ms)),
      ['ok', 'ok', 'warning', 'failed', 'warning', 'failed'],
    );
    const key = { kty: 'OKP', crv: 'X25519', x: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } as const;
    const publicKey = { ...key, kid: await calculateJwkThumbprint(key) };
    const judge = async (expected: string | undefined): Promise<string> =>
      (await checkKey({ publicKey }, async () => (expected === undefined ? undefined : { by: 'pin', key: expected })))
        .severity;
    assert.equal(await judge(undefined), 'note', 'nobody has vouched for it yet');
    assert.equal(await judge(publicKey.kid), 'ok');
    assert.equal(await judge(`SHA256:${publicKey.kid}`), 'ok');
    assert.equal(await judge('SHA256:other'), 'failed');
    assert.equal(
      (await checkKey({ publicKey: { ...publicKey, kid: 'forged' } }, async () => undefined)).severity,
      'failed',
    );
  });

  test('doctor checks - severities of another version are taken for notes, skipped ones count for nothing', () => {
    const about = { agent: 'a', instance: 'i', version: 'v', clock: 'now' };
    const given = { ...finding('agent.disk', 'ok', 'x'), severity: 'dreadful', fault: 'stars' };
    const [found] = agentLook.reply.parse({ ...about, findings: [given] }).findings;
    assert.deepEqual([found?.severity, found?.fault], ['note', 'other']);
    assert.equal(worstSeverity([finding('agent.disk', 'skipped', 'x')]), 'ok');
  });

  test('doctor checks - a window says its own next step, and a report names nobody', () => {
    const expired = finding('sign-in.state', 'failed', 'Expired as adele@contoso.example.', {
      fault: 'permission',
      action: 'Run "rockbot auth workiq".',
    });
    const state = { status: 'expired', since: '', generation: 1 } as const;
    const shown = doctorDocument([expired], { at: '', isProbed: false, auth: { ...state } });
    assert.equal(shown.care[0]?.step?.command, 'rockbot.reconnectM365');
    assert.doesNotMatch(JSON.stringify(shown), /rockbot auth/);
    const asksAdmin = {
      ...state,
      nextStep: { kind: 'ask_admin' as const },
      reason: { code: 'consent_required', message: '', action: 'Ask for consent.' },
    };
    const forAdmin = doctorDocument([expired], { at: '', isProbed: false, auth: asksAdmin }).care[0];
    assert.deepEqual([forAdmin?.step, forAdmin?.action], [undefined, 'Ask for consent.']);
    assert.match(doctorMarkdown(shown, '1.0.0'), /a\*\*\*@contoso/);
  });
});
