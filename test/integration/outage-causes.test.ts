// Why bus and Entra cannot be reached is in the agent's log, in the system's own words, and where it helps in what people see.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { startAgentProcess } from '../support/agent-process.ts';
import { failureOf } from '../support/call-failure.ts';
import { startChild, type Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { startTestNats } from '../support/nats.ts';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const settings = {
  WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
  WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
};

/** An agent that waits for its bus. */
async function waitingAgent(url: string, dataDir: string, httpPort = 0): Promise<Child> {
  return startChild({
    name: 'agent',
    args: [new URL('../../agent/main.ts', import.meta.url).pathname],
    env: {
      ...settings,
      Nats__Url: url,
      Agent__DataDir: dataDir,
      Http__Host: '127.0.0.1',
      Http__Port: String(httpPort),
    },
    readyLine: (line) => (line.includes('The bus cannot be reached yet') ? true : undefined),
  });
}

function warnings(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === 'warn');
}

test('outage causes - a bus that is not there is logged as refused, once per cause', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-causes-'));
  await using agent = await waitingAgent(`ws://127.0.0.1:${await freePort()}`, dataDir);
  await until('some tries', () => agent.output().includes('cannot be reached'));
  const [first] = warnings(agent.output());
  assert.equal(first?.['code'], 'ECONNREFUSED');
  await agent.stop();
  await rm(dataDir, { recursive: true });
});

test('outage causes - a bus with an untrusted certificate is logged as such, with the setting that helps, as /readyz has it', async () => {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }]);
  const server = createTlsServer({ key: pair.private, cert: pair.cert });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-causes-'));
  const [{ port }, httpPort] = [server.address() as AddressInfo, await freePort()];
  await using agent = await waitingAgent(`wss://127.0.0.1:${port}`, dataDir, httpPort);
  const [first] = warnings(agent.output());
  assert.match(String(first?.['code']), /SELF_SIGNED_CERT/);
  assert.match(String(first?.['message']), /certificate is not trusted.*Nats__CaFile/);
  await until('/readyz has it, too', async () => {
    const ready = await fetch(`http://127.0.0.1:${httpPort}/readyz`);
    return ready.status === 503 && /certificate is not trusted: .*Nats__CaFile/.test(await ready.text());
  });
  await agent.stop();
  server.close();
  await rm(dataDir, { recursive: true });
});

test('outage causes - a bus that goes away while it was used is logged with its cause, too', async () => {
  const nats = await startTestNats();
  await using agent = await startAgentProcess({ busUrl: nats.url, env: settings });
  await nats.stop();
  await until('the cause', () => warnings(agent.output()).some(({ code }) => code === 'ECONNREFUSED'));
});

test('outage causes - without its WorkIQ__CaFile the agent says so in the log and to whoever signs in', async () => {
  await using stack = await startStack({ agentEnv: { WorkIQ__CaFile: '' } });
  const error = await failureOf(stack.connect());
  assert.deepEqual([error.code, error.reason], ['handoff_refused', 'refresh_failed']);
  assert.match(`${error.message} ${error.action ?? ''}`, /certificate of .* is not trusted.*WorkIQ__CaFile/);
  const logged = warnings(stack.output()).find(({ message }) => message === 'Requests to Microsoft Entra fail.');
  assert.equal(logged?.['host'], new URL(stack.entra.authority).host);
  assert.match(String(logged['code']), /CERT|UNABLE_TO/);
});
