// A server's process that refuses to end does not outlive the agent, however the agent ends.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startAgentProcess } from '../support/agent-process.ts';
import { isAlive } from '../support/is-alive.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const program = new URL('../support/mcp/stubborn-stdio-server.ts', import.meta.url).pathname;
const env = {
  WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
  WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
};

interface Started extends AsyncDisposable {
  /** Of the server. */
  pid: number;
  agent: Awaited<ReturnType<typeof startAgentProcess>>;
}

async function start(): Promise<Started> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-stubborn-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'pid');
  const nats = cleanup.use(await startTestNats());
  const stubborn = { command: process.execPath, args: [program], env: { PID_FILE: file } };
  const agent = cleanup.use(
    await startAgentProcess({ busUrl: nats.url, env, mcpConfig: { mcpServers: { stubborn } } }),
  );
  const pid = await until('the server runs', async () => Number(await readFile(file, 'utf8').catch(() => '')) || false);
  assert.ok(isAlive(pid));
  cleanup.defer(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  const owned = cleanup.move();
  return { pid, agent, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe('stdio servers that do not end', () => {
  test('stdio end - an orderly stop of the agent ends them', async () => {
    await using started = await start();
    started.agent.child.kill('SIGTERM');
    assert.equal(await started.agent.child.exited, 0);
    await until('it is gone', () => !isAlive(started.pid));
  });

  test('stdio end - an agent that is told twice ends at once, and they with it', async () => {
    await using started = await start();
    const { child } = started.agent;
    child.kill('SIGTERM');
    await until('it stops', () => child.output().includes('The agent is stopping.'));
    // A further signal within half a second is the same one.
    const again = setInterval(() => {
      child.kill('SIGTERM');
    }, 200);
    const exit = await child.exited;
    clearInterval(again);
    assert.equal(exit, 1);
    await until('it is gone', () => !isAlive(started.pid));
  });
});
