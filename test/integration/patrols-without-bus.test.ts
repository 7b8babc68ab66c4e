// Patrols of an agent whose bus was never there since it started: they run when they are due, and their records are there for
// whoever comes with the bus.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connectBus } from '../../extension/bus.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { startChild, type Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const agentProgram = new URL('../../agent/main.ts', import.meta.url).pathname;
const serverProgram = new URL('../support/mcp/stdio-server.ts', import.meta.url).pathname;

const day = 86_400_000;
/** Once a year; its last occurrence came while the agent was down, and is owed. */
const patrol = {
  schedule: { cron: '0 0 1 1 *' },
  missed: 'runOnce',
  steps: [{ id: 'said', server: 'sample', tool: 'echo', arguments: { text: 'by itself' } }],
};
const kept = {
  patrol: 'alone',
  schedule: JSON.stringify(['0 0 1 1 *', 'UTC']),
  state: { handledUpTo: Date.now() - 400 * day, running: false, owesCatchUp: false, catchUpIsDue: false },
};

/** A volume on which a run is owed. */
async function owingVolume(cleanup: AsyncDisposableStack): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-alone-'));
  cleanup.defer(() => rm(dataDir, { recursive: true, force: true }));
  await mkdir(join(dataDir, 'patrols'));
  const write = (name: string, content: object): Promise<void> =>
    writeFile(join(dataDir, name), JSON.stringify(content));
  await write('mcp.json', { mcpServers: { sample: { command: process.execPath, args: [serverProgram] } } });
  await write('patrols.json', { patrols: { alone: patrol } });
  await write('patrols/state.json', { version: 1, patrols: [kept] });
  return dataDir;
}

function startAgent(dataDir: string, port: number): Promise<Child> {
  return startChild({
    name: 'agent',
    args: [agentProgram],
    env: {
      WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
      WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
      Nats__Url: `ws://127.0.0.1:${port}`,
      Agent__DataDir: dataDir,
      Http__Host: '127.0.0.1',
      Http__Port: '0',
    },
    readyLine: (line) => line.includes('The bus cannot be reached') || undefined,
  });
}

/** Those on the volume that are no row of skipped occurrences. */
async function runsOn(dataDir: string): Promise<PatrolRun[]> {
  const folder = join(dataDir, 'patrols');
  const names = (await readdir(folder)).filter((name) => name.includes('.alone.') && name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  const runs = texts.flatMap((text) => (text === '' ? [] : [JSON.parse(text.split('\n')[0] ?? '') as PatrolRun]));
  return runs.filter(({ status }) => status !== 'skipped');
}

describe('patrols without a bus', () => {
  test('patrols without a bus - what is due runs before the bus was ever there, and is in the history when it comes', async () => {
    await using cleanup = new AsyncDisposableStack();
    const dataDir = await owingVolume(cleanup);
    const port = await freePort();
    const agent = cleanup.use(await startAgent(dataDir, port));
    const written = await until(
      () => `the run ends without a bus:\n${agent.output()}`,
      async () => (await runsOn(dataDir)).find(({ status }) => status !== 'running'),
    );
    assert.equal(written.status, 'ok', JSON.stringify(written));
    assert.doesNotMatch(agent.output(), /The agent is ready\./);

    const nats = cleanup.use(await startTestNats({ websocketPort: port }));
    await until('the agent serves', () => agent.output().includes('The agent is ready.'), { timeoutMs: 30_000 });
    const ui = await connectBus({ url: nats.url, agent: 'rockbot', source: 'test' });
    cleanup.defer(() => ui.close());
    const { runs } = await ui.request('patrolHistory', { patrol: 'alone' });
    const told = runs.filter(({ status }) => status !== 'skipped');
    assert.deepEqual(
      told.map(({ runId, status, trigger }) => ({ runId, status, trigger })),
      [{ runId: written.runId, status: 'ok', trigger: 'schedule' }],
    );
    assert.match(JSON.stringify((await ui.request('patrolHistory', { runId: written.runId })).runs), /by itself/);
  });

  test('patrols without a bus - an agent that is told to stop before the bus was there closes its run as interrupted', async () => {
    await using cleanup = new AsyncDisposableStack();
    const dataDir = await owingVolume(cleanup);
    const slow = { ...patrol, steps: [{ server: 'sample', tool: 'wait', arguments: { ms: 60_000 } }] };
    await writeFile(join(dataDir, 'patrols.json'), JSON.stringify({ patrols: { alone: slow } }));
    const agent = cleanup.use(await startAgent(dataDir, await freePort()));
    await until('the run is under way', async () => (await runsOn(dataDir)).some(({ status }) => status === 'running'));
    agent.kill('SIGTERM');
    assert.equal(await agent.exited, 0, agent.output());
    assert.deepEqual(
      (await runsOn(dataDir)).map(({ status }) => status),
      ['interrupted'],
    );
  });
});
