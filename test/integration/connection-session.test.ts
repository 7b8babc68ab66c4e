// The extension's connection against a real bus and agent: what is believed stays true over losses, and comes back at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectBus } from '../../extension/bus.ts';
import { phaseOf, type ConnectionPhase } from '../../extension/connection/connection-phase.ts';
import { ConnectionSession } from '../../extension/connection/connection-session.ts';
import { createAgentTools } from '../../extension/servers/agent-tools.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { startAgentStandIn } from '../support/agent-stand-in.ts';
import { expireSignIn } from '../support/expire-sign-in.ts';
import { startTestNats } from '../support/nats.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

interface Watched extends AsyncDisposable {
  session: ConnectionSession;
  /** Every phase there was, without repetitions. */
  phases: ConnectionPhase[];
  results: ToolResultEvent[];
  in(phase: ConnectionPhase): Promise<number>;
}

function watch(): Watched {
  const phases: ConnectionPhase[] = [];
  const results: ToolResultEvent[] = [];
  const session = new ConnectionSession({
    openBus: ({ url, agentName }, signal) => connectBus({ url, agent: agentName, source: 'vscode', signal }),
    onState: (state) => {
      const phase = phaseOf(state);
      if (phases.at(-1) !== phase) phases.push(phase);
    },
    onToolResult: (event) => results.push(event),
    onToolProgress: () => undefined,
    log: { info: () => undefined, warn: () => undefined },
  });
  return {
    session,
    phases,
    results,
    in: async (phase) => {
      const started = performance.now();
      await until(`it is ${phase}`, () => phaseOf(session.state) === phase, { timeoutMs: 35_000 });
      return performance.now() - started;
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
}

describe('connection session - against a real agent', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack[Symbol.asyncDispose]());
  const configure = ({ session }: Watched) => session.configure({ url: stack.nats.url, agentName: 'rockbot' });

  test('[P13] connection session - a window learns the state on start, follows it, and a later one learns it too', async () => {
    await using first = watch();
    await configure(first);
    await first.in('not_connected');
    await stack.connect();
    await first.in('connected');
    await until('the tools are there', () => first.session.state.servers?.some(({ tools }) => tools.length > 5));
    await expireSignIn(stack);
    await first.in('expired');
    await until('the tools are gone', () => first.session.state.servers?.every(({ tools }) => tools.length === 0));
    await using second = watch();
    await configure(second);
    await second.in('expired');
    assert.equal(second.session.state.auth?.episodeId, first.session.state.auth?.episodeId);
    assert.ok(!second.phases.includes('connected'), second.phases.join(' '));
    await stack.connect();
    await Promise.all([first.in('connected'), second.in('connected')]);
    await until('the tools are back', () => second.session.state.servers?.some(({ tools }) => tools.length > 5));
  });

  test('connection session - a killed agent is noticed within 30 s, its return at once', async () => {
    await using window = watch();
    await configure(window);
    await window.in('connected');
    stack.agent.child.kill('SIGKILL');
    const noticedMs = await window.in('agent_offline');
    assert.ok(noticedMs < 30_000, `noticed after ${noticedMs} ms`);
    assert.equal(window.session.state.servers, undefined);
    await stack.restartAgent();
    await window.in('connected');
  });

  test('connection session - calls of other programs are heard', async () => {
    await using window = watch();
    await configure(window);
    await window.in('connected');
    await stack.call('fetch', { entityUrls: ['/me'] });
    await until('the result is heard', () =>
      window.results.find(({ tool, caller }) => tool === 'fetch' && caller === 'test'),
    );
  });

  test('connection session - another agent name, or none at that name, leaves nothing of the old one', async () => {
    await using window = watch();
    await configure(window);
    await window.in('connected');
    await window.session.configure({ url: stack.nats.url, agentName: 'nobody' });
    await window.in('agent_offline');
    assert.deepEqual([window.session.state.auth, window.session.state.servers], [undefined, undefined]);
    await window.session.configure({ url: undefined, agentName: 'rockbot' });
    assert.equal(phaseOf(window.session.state), 'not_configured');
    await assert.rejects(window.session.request('authState', {}), { code: 'server_unavailable' });
  });
});

test('[P10] connection session - a call that runs when the window goes to another bus was not cancelled by anybody', async () => {
  await using nats = await startTestNats();
  await using agent = await startAgentStandIn({ busUrl: nats.url, tool: () => new Promise(() => {}) });
  await using window = watch();
  await window.session.configure({ url: nats.url, agentName: 'rockbot' });
  await window.in('not_connected');
  const tools = createAgentTools({
    bus: { request: (name, payload, options) => window.session.request(name, payload, options) },
    onProgress: () => () => undefined,
    onStarted: () => undefined,
    onFinished: () => undefined,
  });
  const calls = (['write', 'read'] as const).map((sideEffects) =>
    tools.call(
      { callId: sideEffects, server: 's', tool: 't', arguments: {}, sideEffects },
      { signal: new AbortController().signal, onProgress: () => undefined },
    ),
  );
  await until('both calls', () => agent.calls.length === 2);
  await window.session.configure({ url: 'ws://127.0.0.1:1', agentName: 'rockbot' });
  const [write, read] = await Promise.all(calls);
  assert.equal(write?.error?.code, 'outcome_unknown');
  assert.match(write.error.action ?? '', /Look at the data/);
  assert.deepEqual([read?.error?.code, read?.error?.retryable], ['server_unavailable', true]);
});

test('connection session - a bus that is not there yet, comes, goes and comes back', async () => {
  await using window = watch();
  const probe = await startTestNats();
  const port = Number(new URL(probe.url).port);
  const { url } = probe;
  await probe.stop();
  await window.session.configure({ url, agentName: 'rockbot' });
  await window.in('bus_offline');
  const first = await startTestNats({ websocketPort: port });
  await window.in('agent_offline');
  await first.stop();
  await window.in('bus_offline');
  await using _second = await startTestNats({ websocketPort: port });
  await window.in('agent_offline');
});

test('connection session - configured anew many times at once it ends with the last and leaks no connection', async () => {
  await using nats = await startTestNats();
  await using window = watch();
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => window.session.configure({ url: nats.url, agentName: `agent-${index}` })),
  );
  await window.in('agent_offline');
  assert.equal(window.session.state.agentName, 'agent-19');
});
