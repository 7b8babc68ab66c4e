import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { generate } from 'selfsigned';
import { connectBus } from '../../extension/bus.ts';
import { fileCredentials, nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { createOperatorMode } from '../support/nats-jwt.ts';
import { startTestNats } from '../support/nats.ts';

const identity = { WorkIQ__TenantId: '00000000-0000-4000-8000-00000000aaaa', WorkIQ__ClientId: 'an-app' };

describe('bus credentials', () => {
  test('bus credentials - agent and UI meet over a bus in operator mode with creds files', async (context) => {
    const folder = await temporaryFolder(context);
    const { configText, creds } = createOperatorMode();
    const credsFile = join(folder, 'user.creds');
    await writeFile(credsFile, creds, { mode: 0o600 });
    await using nats = await startTestNats({ configText });
    await using agent = await startAgentProcess({ busUrl: nats.url, env: { ...identity, Nats__CredsFile: credsFile } });
    const ui = await connectBus({
      url: nats.url,
      agent: 'rockbot',
      source: 'test',
      credentials: fileCredentials(creds),
    });
    assert.equal((await ui.request('authState', {})).status, 'not_connected');
    await ui.close();
    await assert.rejects(connectBus({ url: nats.url, agent: 'rockbot', source: 'test' }), { code: 'forbidden' });
    assert.ok(!agent.output().includes('SEED'));
  });

  test('bus credentials - an agent with an nkey reaches a wss bus through a certificate authority of its own', async (context) => {
    const folder = await temporaryFolder(context);
    const pair = createUser();
    const seed = new TextDecoder().decode(pair.getSeed());
    await using nats = await startTestNats({ users: [{ nkey: pair.getPublicKey() }] });
    const ingress = await startTlsIngress(Number(new URL(nats.url).port));
    context.after(() => ingress.server.close());
    const files = { seed: join(folder, 'agent.nk'), ca: join(folder, 'ca.pem') };
    await writeFile(files.seed, `${seed}\n`, { mode: 0o600 });
    await writeFile(files.ca, ingress.certificate);
    const env = { ...identity, Nats__NkeySeedFile: files.seed, Nats__CaFile: files.ca };
    await using agent = await startAgentProcess({ busUrl: ingress.url, env });
    const ui = await connectBus({
      url: nats.url,
      agent: 'rockbot',
      source: 'test',
      credentials: nkeyCredentials(seed),
    });
    assert.equal((await ui.request('authState', {})).status, 'not_connected');
    await ui.close();
    assert.ok(!agent.output().includes(seed));
  });
});

async function temporaryFolder(context: { after: (fn: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-credentials-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** TLS in front of the plain listener, as an ingress has it. */
async function startTlsIngress(port: number): Promise<{ server: Server; url: string; certificate: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const server = createTlsServer({ key, cert }, (socket) => {
    const target = connectTcp(port, '127.0.0.1');
    socket.pipe(target).pipe(socket);
    socket.on('error', () => target.destroy());
    target.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `wss://localhost:${(server.address() as AddressInfo).port}`, certificate: cert };
}
