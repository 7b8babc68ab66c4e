// A bus that takes the rights of a connected user away and gives them back: both tiers say so, and come back by themselves.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { connectBus, type Bus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { BusRefusedError } from '../../extension/bus/bus-refused.ts';
import type { BusEvent } from '../../extension/bus/bus-status.ts';
import type { NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { jsonLine } from '../support/child.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

/** Attempts in a row that the NATS client by itself would give up after. */
const manyRefusals = 3;
/** Of the longest delay between attempts, on a machine with much else to do. */
const patience = { timeoutMs: 60_000 };

const [agentKey, uiKey] = [createUser(), createUser()];
const seedOf = (key: typeof agentKey): string => new TextDecoder().decode(key.getSeed());
let folder: string;
let nats: NatsServerProcess;
let agent: AgentProcess;
let ui: Bus;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-bus-refused-'));
  await allow(agentKey, uiKey);
  await writeFile(join(folder, 'seed'), agentKey.getSeed(), { mode: 0o600 });
  nats = await startTestNats({ configFile: join(folder, 'nats.conf'), logFile: join(folder, 'nats.log') });
  agent = await startAgentProcess({
    busUrl: nats.url,
    env: {
      WorkIQ__TenantId: '11111111-2222-4333-8444-555555555555',
      WorkIQ__ClientId: 'client',
      Nats__NkeySeedFile: join(folder, 'seed'),
    },
  });
  const credentials = nkeyCredentials(seedOf(uiKey));
  ui = await connectBus({ url: nats.url, agent: 'rockbot', source: 'test', credentials });
});

after(async () => {
  await ui.close();
  await agent[Symbol.asyncDispose]();
  await nats.stop();
  await rm(folder, { recursive: true });
});

async function allow(...keys: (typeof agentKey)[]): Promise<void> {
  const users = [...keys, createUser()].map((key) => `{ nkey: ${key.getPublicKey()} }`);
  await writeFile(join(folder, 'nats.conf'), `authorization { users: [ ${users.join(', ')} ] }\n`);
}

async function refusalsByServer(): Promise<number> {
  return (await readFile(join(folder, 'nats.log'), 'utf8')).split('authentication error').length - 1;
}

async function readiness(): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${agent.httpPort}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

function logged(message: string): { level: string }[] {
  const lines = agent.output().split('\n').map(jsonLine) as ({ level: string; message: string } | undefined)[];
  return lines.filter((line) => line !== undefined).filter((line) => line.message.startsWith(message));
}

describe('bus refused', () => {
  test('bus refused - an agent whose user is gone says so once per outage and at readyz, and comes back [P14]', async () => {
    for (const outage of [1, 2]) {
      const earlier = await refusalsByServer();
      await allow(uiKey);
      await nats.restart();
      await until('several refusals', async () => (await refusalsByServer()) >= earlier + manyRefusals, patience);
      const why = await until('readyz says why', async () => {
        const answer = await readiness();
        return answer.text.includes('refuses') && answer;
      });
      assert.equal(why.status, 503);
      assert.match(why.text, /refuses the credentials of this agent; check Nats__NkeySeedFile or Nats__CredsFile/);
      const said = logged('The bus refused the credentials of the agent');
      assert.deepEqual(
        said.map(({ level }) => level),
        Array.from({ length: outage }, () => 'error'),
      );
      await allow(agentKey, uiKey);
      await nats.restart();
      await until('it is ready again', async () => (await readiness()).status === 200, patience);
      await until('it serves', () => ui.request('authState', {}, { timeoutMs: 5_000 }).catch(() => false as const));
    }
    assert.ok(!agent.output().includes(seedOf(agentKey)));
  });

  test('bus refused - a UI whose user is gone knows that it is refused, and comes back', async () => {
    const heard: BusEvent[] = [];
    const stop = ui.onEvent((event) => heard.push(event));
    const refusals = (): number => heard.filter(({ kind }) => kind === 'refused').length;
    await allow(agentKey);
    await nats.restart();
    await until('several refusals', () => refusals() >= manyRefusals, patience);
    assert.equal(ui.state.kind, 'reconnecting');
    const error = ui.state.kind === 'reconnecting' ? ui.state.error : undefined;
    assert.ok(error instanceof BusRefusedError);
    assert.equal(error.hasCredentials, true);
    assert.match(error.action ?? '', /public nkey is registered/);
    await allow(agentKey, uiKey);
    await nats.restart();
    await until('it is connected again', () => ui.state.kind === 'connected', patience);
    assert.equal((await ui.request('authState', {}, { timeoutMs: 30_000 })).status, 'not_connected');
    stop();
  });
});
