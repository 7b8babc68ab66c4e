// A session that the server refuses, in each way it may say so: one new session is tried, with the fewest requests there can be,
// and nothing that may have side effects runs twice (promise P10).
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { failureOf } from '../support/call-failure.ts';
import { startStack, type Stack } from '../support/stack.ts';
import type { FaultInput } from '../support/workiq/faults.ts';

let stack: Stack;

const fetchMe = { entityUrls: ['/me?$select=id'] };

before(async () => {
  stack = await startStack({ workiq: { mutations: 'allowed' } });
  await stack.connect();
  await stack.call('fetch', fetchMe);
});

after(() => stack[Symbol.asyncDispose]());

afterEach(async () => {
  await stack.workiq.control.clearFaults();
  await stack.workiq.control.set({ bindsSessions: false });
});

interface Seen {
  /** HTTP status of each request that carried the call. */
  statuses: number[];
  /** Sessions that were opened meanwhile. */
  sessions: number;
  /** Tokens that Entra was asked for meanwhile. */
  refreshes: number;
  effects: number;
}

let mails = 0;

/** What one call of a tool that writes costs, whatever becomes of it. */
async function writing(options: { faults?: readonly FaultInput[]; code?: string } = {}): Promise<Seen> {
  const { control } = stack.workiq;
  const subject = `mail ${++mails}`;
  const earlier = await control.snapshot();
  const refreshed = await refreshes();
  const before = (await requestsOf('create_entity')).length;
  for (const fault of options.faults ?? []) await control.inject(fault);
  const call = stack.call('create_entity', { parentUrl: '/me/messages', jsonBody: JSON.stringify({ subject }) });
  if (options.code === undefined) await call;
  else assert.equal((await failureOf(call)).code, options.code);
  await control.clearFaults();
  const later = await control.snapshot();
  return {
    statuses: (await requestsOf('create_entity')).slice(before).map(({ status }) => status ?? 0),
    sessions: later.sessions.created - earlier.sessions.created,
    refreshes: (await refreshes()) - refreshed,
    effects: later.sideEffects.filter((effect) => effect.subject === subject).length,
  };
}

async function requestsOf(tool: string) {
  return (await stack.workiq.control.requests()).filter((request) => request.tool === tool);
}

async function refreshes(): Promise<number> {
  return (await stack.entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
}

describe('refused session - 401', () => {
  test('refused session - one that is bound to an old token is opened anew, and the write runs once [P10]', async () => {
    await stack.workiq.control.set({ bindsSessions: true });
    await stack.entra.control.revokeAccessTokens();
    assert.deepEqual(await writing(), { statuses: [401, 401, 200], sessions: 1, refreshes: 1, effects: 1 });
    assert.deepEqual(await writing(), { statuses: [200], sessions: 0, refreshes: 0, effects: 1 });
  });

  test('refused session - twenty calls in it share one refresh and one new session [P7]', async () => {
    await stack.workiq.control.set({ bindsSessions: true });
    await stack.entra.control.revokeAccessTokens();
    const { created } = (await stack.workiq.control.snapshot()).sessions;
    const refreshed = await refreshes();
    await Promise.all(Array.from({ length: 20 }, () => stack.call('fetch', fetchMe)));
    assert.equal((await stack.workiq.control.snapshot()).sessions.created, created + 1);
    assert.equal(await refreshes(), refreshed + 1);
  });

  test('refused session - one that is forgotten after the refresh is opened anew, with three requests in all [P10]', async () => {
    const faults: FaultInput[] = [{ kind: 'unauthorized' }, { kind: 'session-lost' }];
    const { statuses, sessions, effects } = await writing({ faults });
    assert.deepEqual({ statuses, sessions, effects }, { statuses: [401, 404, 200], sessions: 1, effects: 1 });
  });
});

describe('refused session - 400 and 404', () => {
  const notFound = '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}';
  for (const [what, status, body] of [
    ['HTTP 404 that says so', 404, notFound],
    ['HTTP 400 that says so', 400, notFound],
  ] as const) {
    test(`refused session - ${what} costs one new session and one more request, also for a write [P10]`, async () => {
      const { statuses, sessions, effects } = await writing({ faults: [{ kind: 'http', status, body }] });
      assert.deepEqual({ statuses, sessions, effects }, { statuses: [status, 200], sessions: 1, effects: 1 });
    });

    test(`refused session - ${what} in the new session, too, ends the call after two requests`, async () => {
      const faults: FaultInput[] = [{ kind: 'http', status, body, times: 'all' }];
      const { statuses, effects } = await writing({ faults, code: 'server_unavailable' });
      assert.deepEqual({ statuses, effects }, { statuses: [status, status], effects: 0 });
    });
  }

  test('refused session - HTTP 400 without a word proves nothing: a read is sent again, a write is not [P10]', async () => {
    await stack.workiq.control.inject({ kind: 'http', status: 400 });
    await stack.call('fetch', fetchMe);
    const { statuses, effects } = await writing({ faults: [{ kind: 'http', status: 400 }], code: 'outcome_unknown' });
    assert.deepEqual({ statuses, effects }, { statuses: [400], effects: 0 });
  });
});

/** Last: after it the agent leaves sessions alone for a while. */
describe('refused session - for good', () => {
  test('refused session - a server that refuses the new session too has three requests and no more, and is not asked for a session with each call', async () => {
    const refused: FaultInput = { kind: 'unauthorized', times: 'all' };
    const first = await writing({ faults: [refused], code: 'auth_required' });
    assert.deepEqual(first, { statuses: [401, 401, 401], sessions: 1, refreshes: 1, effects: 0 });
    const second = await writing({ faults: [refused], code: 'auth_required' });
    assert.deepEqual(second, { statuses: [401, 401], sessions: 0, refreshes: 1, effects: 0 });
    assert.deepEqual((await writing()).statuses, [200]);
  });
});
