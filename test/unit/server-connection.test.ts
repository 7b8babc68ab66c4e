// One server over its life, against a real HTTP server that a test plays: what is told while it comes and goes, how often it is asked
// for its tools, and how it ends.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import { AnswerMemory } from '../../agent/bridge/answer-memory.ts';
import { CallBudget } from '../../agent/bridge/call-budget.ts';
import { runCall } from '../../agent/bridge/run-call.ts';
import type { ServerConnection } from '../../agent/bridge/server-connection.ts';
import { ToolListing } from '../../agent/bridge/tool-listing.ts';
import { createLogger } from '../../agent/logger.ts';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { WireError } from '../../shared/errors/wire-error.ts';
import { failureOf } from '../support/call-failure.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startScriptedServer, type Script } from '../support/mcp/scripted-http-server.ts';
import { testConnection } from '../support/server-connection.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;
const tool = (name: string): object => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
});
const signIn: WireError = { code: 'auth_required', message: 'Sign in again.', retryable: false };
const tokens: TokenProvider = {
  profile: 'workiq',
  get allowedOrigins() {
    return { has: () => true } as unknown as ReadonlySet<string>;
  },
  token: () => 'token-token-token',
  refresh: async () => 'fresh-fresh-fresh',
};

const kept = { load: async () => undefined, saveSoon: () => {}, close: async () => {} };
const budget = await CallBudget.open({ kept, clock: systemClock, onProblem: () => undefined });
const logger = createLogger({ level: 'error', write: () => undefined });

function call(server: ServerConnection, name: string, signal: AbortSignal = never, args = {}): Promise<unknown> {
  return runCall(
    { callId: crypto.randomUUID(), caller: 'c', tool: name, arguments: args },
    { server, budget, answers: new AnswerMemory(), clock: systemClock, logger, signal, deadline: Date.now() + 30_000 },
  );
}

describe('server connection - arguments that cannot be sent', () => {
  test('server connection - arguments that are nested too deeply were not sent, and that is said of a write, too', async () => {
    const script: Script = ({ method }) =>
      method === 'tools/list' ? { tools: [{ name: 'change', inputSchema: { type: 'object' } }] } : undefined;
    await using server = await startScriptedServer(script);
    await using tested = testConnection({ url: server.url });
    tested.connection.start();
    const nested = JSON.parse(`${'{"a":'.repeat(50_000)}{}${'}'.repeat(50_000)}`) as Record<string, unknown>;
    const error = await failureOf(call(tested.connection, 'change', never, nested));
    assert.deepEqual([error.code, error.retryable], ['invalid_arguments', false]);
    assert.match(error.message, /nested too deeply/);
    assert.equal(server.count('tools/call'), 0);
  });
});

describe('server connection - tools that nobody has', () => {
  test('server connection - a clock that was set back puts no list off', async () => {
    const clock = manualClock();
    let lists = 0;
    const listing = new ToolListing({
      clock,
      list: async () => {
        lists++;
      },
    });
    listing.listed();
    clock.advance(-3_600_000);
    const missed = listing.missed(never);
    clock.advance(500);
    await missed;
    assert.equal(lists, 1);
    listing.close();
  });

  test('server connection - many calls of unknown tools have the server asked now and then, not once each', async () => {
    await using server = await startScriptedServer(({ method, count }) =>
      method === 'tools/list' ? { tools: [tool('a'), ...(count > 1 ? [tool('late')] : [])] } : undefined,
    );
    await using tested = testConnection({ url: server.url });
    const { connection } = tested;
    connection.start();
    await connection.ready(never);
    const failures = await Promise.all(
      Array.from({ length: 200 }, (_, index) => failureOf(call(connection, `no-${index}`))),
    );
    assert.deepEqual(new Set(failures.map(({ code }) => code)), new Set(['tool_not_found']));
    assert.ok(server.count('tools/list') <= 4, `${server.count('tools/list')} lists`);
    assert.ok(connection.catalog.tools.has('late'), 'what is new is found');
  });

  test('server connection - a call that is cancelled while the tools are listed is cancelled, not answered', async () => {
    await using server = await startScriptedServer(({ method, count }) =>
      method === 'tools/list' && count === 1 ? { tools: [] } : undefined,
    );
    await using tested = testConnection({ url: server.url });
    const { connection } = tested;
    connection.start();
    await connection.ready(never);
    const controller = new AbortController();
    const failed = failureOf(call(connection, 'unknown', controller.signal));
    await until('the server is asked', () => server.count('tools/list') === 2);
    controller.abort(new RockBotError({ code: 'cancelled', message: 'The call was cancelled.' }));
    assert.equal((await failed).code, 'cancelled');
  });

  test('server connection - of two lists the later one counts, whichever answer comes first', async () => {
    const first = Promise.withResolvers<object>();
    await using server = await startScriptedServer(({ method, count }) => {
      if (method !== 'tools/list') return undefined;
      return count === 2 ? first.promise : { tools: [tool(`list ${count}`)] };
    });
    await using tested = testConnection({ url: server.url });
    const { connection } = tested;
    connection.start();
    await connection.ready(never);
    const older = connection.refresh(never);
    await until('the older one is asked for', () => server.count('tools/list') === 2);
    const newer = Promise.all([connection.refresh(never), connection.refresh(never)]);
    first.resolve({ tools: [tool('old')] });
    await Promise.all([older, newer]);
    assert.deepEqual([...connection.catalog.tools.keys()], ['list 3']);
    assert.equal(server.count('tools/list'), 3);
  });
});

describe('server connection - while it comes back', () => {
  test('server connection - its tools stay missing by name until it is back [S5] [P12]', async () => {
    let isDown = false;
    const script: Script = ({ method }, respond) => {
      if (isDown) return method === 'initialize' ? new Promise(() => {}) : respond((to) => void to.destroy());
      return method === 'tools/list' ? { tools: [tool('a')] } : undefined;
    };
    await using server = await startScriptedServer(script);
    const clock = manualClock();
    await using tested = testConnection({ url: server.url }, { clock });
    const { connection } = tested;
    connection.start();
    await connection.ready(never);
    isDown = true;
    await failureOf(connection.refresh(AbortSignal.timeout(200)).catch(toRockBotError));
    clock.advance(120_000);
    await until('it is tried again', () => connection.state.status === 'connecting');
    const { tools, hidden, error } = connection.listed();
    assert.deepEqual(tools, []);
    assert.partialDeepStrictEqual(hidden, [{ name: 'a', code: 'unavailable' }]);
    assert.equal(error?.code, 'server_unavailable');
  });

  test('server connection - a lost connection is told in the same turn, and never over a lost sign-in [S5]', async () => {
    const states: string[] = [];
    await using server = await startScriptedServer(({ method }, respond) => {
      if (method === 'tools/call') return respond((to) => void to.destroy());
      return method === 'tools/list' ? { tools: [tool('a')] } : undefined;
    });
    await using tested = testConnection(
      { url: server.url, auth: { profile: 'workiq' } },
      { tokens, onChange: () => void states.push(tested.connection.state.status) },
    );
    const { connection } = tested;
    connection.start();
    await connection.ready(never);
    await server[Symbol.asyncDispose]();
    await failureOf(connection.refresh(never));
    assert.equal(connection.state.status, 'unavailable');
    states.length = 0;
    connection.authLost(signIn);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(states, ['auth_required'], 'no late failure takes its place');
    assert.equal((await failureOf(connection.ready(never))).code, 'auth_required');
  });

  test('server connection - a sign-in that is lost during a connect ends it, and whoever waits is told [S5]', async () => {
    await using server = await startScriptedServer(({ method }) =>
      method === 'initialize' ? new Promise(() => {}) : {},
    );
    await using tested = testConnection({ url: server.url, auth: { profile: 'workiq' } }, { tokens });
    const { connection } = tested;
    connection.start();
    const waiting = failureOf(connection.ready(never));
    await until('it connects', () => server.count('initialize') === 1);
    connection.authLost(signIn);
    assert.equal((await waiting).code, 'auth_required');
    assert.equal(connection.state.status, 'auth_required');
  });
});

describe('server connection - its end', () => {
  test('server connection - whoever waits for a connect is told that the server is gone; the end waits for the connect', async () => {
    const dispatched = Promise.withResolvers<never>();
    let hasEnded = false;
    await using tested = testConnection(
      { url: 'http://127.0.0.1:1/mcp' },
      {
        dispatcher: () =>
          dispatched.promise.catch((error: unknown) => {
            hasEnded = true;
            throw error;
          }),
      },
    );
    const { connection } = tested;
    connection.start();
    const waiting = failureOf(connection.ready(never));
    await new Promise((resolve) => setImmediate(resolve));
    const closing = connection.close();
    assert.match((await waiting).message, /was removed or the agent is stopping/);
    assert.match((await failureOf(connection.ready(never))).message, /was removed or the agent is stopping/);
    dispatched.reject(new Error('too late'));
    await closing;
    assert.equal(hasEnded, true);
  });
});

/** A wait that a test gave up. */
function toRockBotError(error: unknown): never {
  throw error instanceof RockBotError ? error : new RockBotError({ code: 'timeout', message: String(error) });
}
