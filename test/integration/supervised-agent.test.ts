// The supervision of an agent, with real processes that behave as an agent does when things go wrong.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Clock } from '../../shared/clock.ts';
import { SupervisedAgent, type SupervisedAgentEvent } from '../../extension/local/supervised-agent.ts';
import { testFolder } from '../support/cli.ts';
import { until } from '../support/until.ts';

const ready = `
const server = require('node:http').createServer((_, response) => response.writeHead(ok() ? 200 : 503).end());
server.listen(0, '127.0.0.1', () => console.error(JSON.stringify(
  { time: '', level: 'info', message: 'The agent is ready.', httpPort: server.address().port })));
process.on('SIGTERM', () => process.exit(0));
`;

interface Tried extends AsyncDisposable {
  agent: SupervisedAgent;
  events: SupervisedAgentEvent[];
  waits: number[];
  kinds(kind: SupervisedAgentEvent['kind']): number;
}

/** An agent whose program is this text; waiting takes no time and is written down. */
async function supervise(script: string, readyTimeoutMs?: number): Promise<Tried> {
  const folder = await testFolder();
  const program = join(folder.path, 'agent.cjs');
  await writeFile(program, script);
  const events: SupervisedAgentEvent[] = [];
  const waits: number[] = [];
  const clock: Clock = {
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
    },
  };
  const agent = new SupervisedAgent({
    program,
    env: process.env,
    onEvent: (event) => events.push(event),
    clock,
    readyTimeoutMs,
  });
  return {
    agent,
    events,
    waits,
    kinds: (kind) => events.filter((event) => event.kind === kind).length,
    async [Symbol.asyncDispose]() {
      await agent.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function runsOf(events: readonly SupervisedAgentEvent[], line: string): number {
  return events.filter((event) => event.kind === 'agent_log' && event.line === line).length;
}

describe('supervised agent', () => {
  test('supervised agent - one that cannot start is tried with growing pauses, within a bound, and its reason is told', async () => {
    await using tried = await supervise(`
      console.error('run');
      console.error(JSON.stringify({ time: '', level: 'error', message: 'The agent cannot start.', why: 'the disk is full' }));
      process.exitCode = 1;`);
    await assert.rejects(tried.agent.start(), (error: RockBotError) => /the disk is full/.test(error.message));
    assert.equal(runsOf(tried.events, 'run'), 8);
    assert.equal(tried.waits.length, 7);
    assert.ok((tried.waits.at(-1) ?? 0) > (tried.waits[0] ?? 0));
  });

  test('supervised agent - a wrong configuration is not tried again', async () => {
    await using tried = await supervise(`
      console.error('WorkIQ__ClientId is missing.');
      process.exitCode = 78;`);
    await assert.rejects(tried.agent.start(), (error: RockBotError) => {
      assert.equal(error.code, 'invalid_request');
      assert.match(error.message, /WorkIQ__ClientId is missing\./);
      return true;
    });
    assert.equal(tried.waits.length, 0);
  });

  test('supervised agent - one that crashes soon after every start is given up', async () => {
    await using tried = await supervise(`
      const ok = () => { setTimeout(() => process.abort(), 20); return true; };
      ${ready}`);
    await tried.agent.start();
    const end = await tried.agent.exited;
    assert.equal(end.reason, 'gave_up');
    assert.equal(tried.kinds('agent_ready'), 8);
    assert.equal(tried.kinds('agent_crashed'), 8);
  });

  test('supervised agent - one that is never ready is ended and said so', async () => {
    await using tried = await supervise(`const ok = () => false; ${ready}`, 150);
    await assert.rejects(tried.agent.start(), /was not ready within 0\.15 s/);
    assert.equal(tried.kinds('agent_ready'), 0);
  });

  test('supervised agent - ready is what /readyz says, not what the log says', async () => {
    await using tried = await supervise(`let asked = 0; const ok = () => ++asked > 3; ${ready}`);
    await tried.agent.start();
    assert.equal(tried.kinds('agent_ready'), 1);
  });

  test('supervised agent - a stop between two runs ends it', async () => {
    await using tried = await supervise(`const ok = () => true; ${ready}`);
    await tried.agent.start();
    process.kill(tried.agent.pid as number, 'SIGKILL');
    await until('the crash was seen', () => tried.kinds('agent_crashed') === 1);
    await tried.agent.stop();
    assert.deepEqual(await tried.agent.exited, { reason: 'stopped' });
    assert.equal(tried.agent.pid, undefined);
  });

  test('supervised agent - secrets in its log are gone before anybody sees the line [P6]', async () => {
    await using tried = await supervise(`console.error('Bearer abcdefghijklmnop'); const ok = () => true; ${ready}`);
    await tried.agent.start();
    assert.equal(runsOf(tried.events, 'Bearer [redacted]'), 1);
  });
});
