// Two agents of one name on a real bus: a request reaches one of them only, and both say what is wrong.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createInbox, nkeyAuthenticator } from 'nats.ws';
import { requests, type RequestName } from '../../shared/contract/contract.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { accountsFile, startAccountsBus } from '../support/accounts-bus.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const settings = {
  WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
  WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
  Log__Level: 'debug',
};
const complaint = 'Another agent is named';

async function readiness(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
}

test('duplicate agents - of two agents with one name each request reaches exactly one [P10]', async () => {
  await using nats = await startTestNats();
  await using first = await startAgentProcess({ busUrl: nats.url, env: settings });
  await using second = await startAgentProcess({ busUrl: nats.url, env: settings });
  const connection = await connect({ servers: nats.url });
  const names = Object.keys(requests) as RequestName[];
  const rounds = 10;
  let answers = 0;
  const inbox = createInbox();
  connection.subscribe(inbox, { callback: () => void answers++ });
  for (let round = 0; round < rounds; round++)
    for (const name of names) connection.publish(requests[name].subject('rockbot'), '{}', { reply: inbox });
  await until('all are answered', () => answers >= rounds * names.length);
  // What a second agent would add is under way at the same time: each has worked its share off when it answers this.
  for (let probe = 0; probe < 20; probe++) await connection.request(requests.authState.subject('rockbot'), '{}');
  assert.equal(answers, rounds * names.length);
  await connection.close();
  for (const { output } of [first, second]) assert.match(output(), /The agent is ready/);
});

test('duplicate agents - both agents name each other, are not ready meanwhile, and the one that is left is ready at once', async () => {
  await using nats = await startTestNats();
  await using first = await startAgentProcess({ busUrl: nats.url, env: settings });
  const second = await startAgentProcess({ busUrl: nats.url, env: settings });
  for (const { output, httpPort } of [first, second]) {
    await until('it is logged', () => output().includes(complaint), { timeoutMs: 25_000 });
    assert.match(await readiness(httpPort), /Another agent \(instance [0-9a-f-]{36}\) is named "rockbot"/);
    const line = output()
      .split('\n')
      .find((candidate) => candidate.includes(complaint));
    const { level, instance, otherInstance } = JSON.parse(line ?? '') as Record<string, string>;
    assert.equal(level, 'error');
    assert.ok(instance && otherInstance && instance !== otherInstance);
  }
  await second[Symbol.asyncDispose]();
  await until('the first is ready', async () => (await readiness(first.httpPort)) === 'ok\n', { timeoutMs: 5_000 });
});

test('duplicate agents - an orderly restart is not taken for another agent', async () => {
  await using nats = await startTestNats();
  await using agent = await startAgentProcess({ busUrl: nats.url, env: settings });
  await using again = await agent.restart();
  assert.equal(await readiness(again.httpPort), 'ok\n');
  assert.ok(!again.output().includes(complaint));
});

test('duplicate agents - the shipped accounts let an agent notice another; without the right to it serves all the same', async () => {
  const shipped = await readFile(accountsFile, 'utf8');
  const older = shipped
    .replace('subscribe: { allow: $HEARD_BY_rockbot }', 'subscribe: { allow: $REQUESTS_TO_rockbot }')
    .replace(/HEARD_BY_rockbot = \[[^\]]*\]/, '');
  assert.doesNotMatch(older, /HEARD_BY/);
  for (const [configText, isNoticed] of [
    [shipped, true],
    [older, false],
  ] as const) {
    await using bus = await startAccountsBus({ configText });
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-duplicate-'));
    const seed = join(folder, 'seed');
    await writeFile(seed, bus.seed('AGENT'), { mode: 0o600 });
    await using agent = await startAgentProcess({
      busUrl: bus.server.url,
      env: { ...settings, Nats__NkeySeedFile: seed },
    });
    const { connection: alice } = await bus.connect('UI_ALICE');
    await alice.request(requests.authState.subject('rockbot'), '{}');
    const duplicate = await connect({ servers: bus.server.url, authenticator: nkeyAuthenticator(bus.seed('AGENT')) });
    duplicate.publish('agent.status.rockbot', JSON.stringify({ instance: 'the-other' }));
    await duplicate.flush();
    if (isNoticed) await until('it is noticed', async () => (await readiness(agent.httpPort)).includes('the-other'));
    else {
      await until('the bus said no', () => agent.output().includes('forbids this agent its own heartbeats'));
      await alice.request(requests.authState.subject('rockbot'), '{}');
      assert.equal(await readiness(agent.httpPort), 'ok\n');
      assert.doesNotMatch(agent.output(), /"level":"(?:warn|error)"/);
    }
    await duplicate.close();
    await rm(folder, { recursive: true });
  }
});
