// The agent behind a company's proxy: Entra and Work IQ have names that resolve nowhere, so what reaches them came through it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { connectBus, type Bus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { trustedCertificates } from '../../extension/bus/trusted-certificates.ts';
import { signInWithDeviceCode } from '../../extension/consent/device-code-flow.ts';
import { createEntraHttp } from '../../extension/consent/entra-http.ts';
import { handOff } from '../../extension/consent/hand-off.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { credentialsSigner } from '../../extension/consent/signer.ts';
import type { NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { startNamedServices, type NamedServices } from '../support/named-services.ts';
import { startTestNats } from '../support/nats.ts';
import { startEntraProcess, startWorkIqProcess, type EntraProcess, type WorkIqProcess } from '../support/stack.ts';

let nats: NatsServerProcess;
let entra: EntraProcess;
let workiq: WorkIqProcess;
let named: NamedServices;
const resources = new AsyncDisposableStack();
const tunnelTo = { entra: 'login.example:443', workiq: 'workiq.example:443' };

before(async () => {
  [nats, entra] = await Promise.all([startTestNats(), startEntraProcess()]);
  resources.use(nats);
  resources.use(entra.child);
  workiq = await startWorkIqProcess(entra);
  resources.use(workiq.child);
  named = resources.use(
    await startNamedServices([
      { host: 'login.example', upstream: new URL(entra.authority).origin },
      { host: 'workiq.example', upstream: workiq.origin },
    ]),
  );
});

after(() => resources.disposeAsync());

/** Starts the agent, has a person sign in behind the same proxy, and returns a call of Work IQ. */
async function connected(env: Record<string, string>, servers: object = {}) {
  await using made = new AsyncDisposableStack();
  const agent = made.use(
    await startAgentProcess({
      busUrl: nats.url,
      env: {
        WorkIQ__TenantId: entra.tenantId,
        WorkIQ__ClientId: entra.clientId,
        WorkIQ__Authority: 'https://login.example',
        WorkIQ__CaFile: named.caFile,
        WorkIQ__AllowedOrigins: 'https://workiq.example',
        Log__Level: 'debug',
        ...env,
      },
      mcpConfig: {
        mcpServers: {
          workiq: { type: 'http', url: 'https://workiq.example/mcp', auth: { profile: 'workiq' } },
          ...servers,
        },
      },
    }),
  );
  const ui: Bus = made.use(await connectBus({ url: nats.url, agent: 'rockbot', source: 'test' }));
  const http = createEntraHttp({ ca: trustedCertificates(await readFile(named.caFile, 'utf8')), env });
  const seed = createSeed();
  await handOff({
    bus: ui,
    signer: credentialsSigner(nkeyCredentials(seed)),
    approveKey: async () => {},
    signIn: (request) =>
      signInWithDeviceCode(request, {
        http,
        onCode: ({ userCode }) => void entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' }),
      }),
  });
  const call = (server = 'workiq', tool = 'fetch'): Promise<unknown> =>
    ui.request(
      'toolInvoke',
      { callId: crypto.randomUUID(), server, tool, arguments: { entityUrls: ['/me'] } },
      { timeoutMs: 60_000 },
    );
  const own = made.move();
  return { agent, ui, call, [Symbol.asyncDispose]: () => own.disposeAsync() };
}

describe('agent proxy', () => {
  for (const variable of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'HTTP_PROXY']) {
    test(`agent proxy - refresh and tool call go through the proxy that ${variable} names [P6]`, async () => {
      named.tunnels.splice(0);
      await using rockbot = await connected({ [variable]: named.proxyUrl });
      const earlier = await refreshes();
      assert.match(JSON.stringify(await rockbot.call()), /adele@contoso\.example/i);
      // A 401 forces a refresh by the agent alone.
      await workiq.control.inject({ kind: 'unauthorized' });
      assert.match(JSON.stringify(await rockbot.call()), /adele@contoso\.example/i);
      assert.equal(await refreshes(), earlier + 1);
      assert.deepEqual([...new Set(named.tunnels)].toSorted(), [tunnelTo.entra, tunnelTo.workiq]);
      assert.doesNotMatch(rockbot.agent.output(), /p%40ss|p@ss/, 'the password of the proxy stays out of the log');
    });
  }

  test('agent proxy - what NO_PROXY names, and a loopback address, is reached directly', async () => {
    await using local = await startHttpRecorder();
    await using rockbot = await connected(
      { HTTPS_PROXY: named.proxyUrl, HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'workiq.example' },
      { local: { type: 'http', url: `${local.origin}/mcp` } },
    );
    named.tunnels.splice(0);
    await assert.rejects(
      rockbot.call(),
      (error: unknown) => (error as RockBotError).code === 'server_unavailable',
      'the name resolves nowhere',
    );
    await rockbot.ui.request('mcpManage', { action: 'refresh' });
    assert.ok(!named.tunnels.includes(tunnelTo.workiq), 'nobody asked the proxy for it');
    assert.ok(local.requests.length > 0);
  });

  test('agent proxy - one that refuses is an outage, and the stored sign-in is kept [P9]', async () => {
    await using rockbot = await connected({ ALL_PROXY: named.proxyUrl });
    const { dataDir } = rockbot.agent;
    await using again = await rockbot.agent.restart({
      env: { ALL_PROXY: named.proxyUrl.replace('p%40ss', 'wrong') },
    });
    assert.equal(again.dataDir, dataDir);
    await assert.rejects(rockbot.call(), (error: unknown) => (error as RockBotError).code === 'server_unavailable');
    const state = await rockbot.ui.request('authState', {});
    assert.ok(state.status === 'degraded' || state.status === 'connected', state.status);
    assert.doesNotMatch(again.output(), /wrong/);
  });
});

async function refreshes(): Promise<number> {
  return (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
}
