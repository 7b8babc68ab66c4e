// Refreshing tokens: the session with real MSAL against the Entra simulator, with time and store in the test's hands.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startSession } from '../support/account-session.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startEntraProcess, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

let entra: EntraProcess;

before(async () => {
  entra = await startEntraProcess();
});
after(() => entra.child[Symbol.asyncDispose]());
beforeEach(() => entra.control.reset());

const backoff = { baseMs: 1_000, maxMs: 8_000 };
const minute = 60_000;
const day = 24 * 60 * minute;
const clock = (): ReturnType<typeof manualClock> => manualClock(Date.now());
const refreshes = async (): Promise<number> => (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'ok',
    (error: unknown) => (error instanceof RockBotError ? error.code : String(error)),
  );
const tokenOf = async (token: string | Promise<string>): Promise<string> => token;

describe('refresh - single flight', () => {
  test('refresh - 200 callers with one refused token make one token request and get one token [P7]', async () => {
    await using harness = await startSession({ entra, clock: clock() });
    await harness.connect();
    const rejected = await tokenOf(harness.workiq.token());
    const already = await refreshes();
    const fresh = await Promise.all(Array.from({ length: 200 }, () => harness.workiq.refresh({ rejected })));
    assert.equal(await refreshes(), already + 1);
    assert.deepEqual(new Set(fresh).size, 1);
    assert.notEqual(fresh[0], rejected);
    // Who comes late with the old token gets the new one without a request.
    assert.equal(await harness.workiq.refresh({ rejected }), fresh[0]);
    assert.equal(await refreshes(), already + 1);
  });

  test('refresh - 200 callers of an expired token make one token request [P7]', async () => {
    const time = clock();
    await using harness = await startSession({ entra, clock: time });
    await harness.connect();
    const already = await refreshes();
    time.advance(61 * minute);
    const tokens = await Promise.all(Array.from({ length: 200 }, () => tokenOf(harness.workiq.token())));
    assert.equal(await refreshes(), already + 1);
    assert.equal(new Set(tokens).size, 1);
  });

  test('refresh - two audiences of one account never refresh at the same time, and survive strict reuse detection', async () => {
    await entra.control.changeSettings({ strictReuse: true, latencyMs: 5 });
    await using harness = await startSession({ entra, clock: clock() });
    await harness.connect();
    for (let round = 0; round < 8; round++) {
      const rejected = await tokenOf(harness.workiq.token());
      const claims = `{"access_token":{"acrs":{"essential":true,"value":"c${round}"}}}`;
      await Promise.all([
        harness.workiq.refresh({ rejected }),
        harness.mail.refresh({}),
        harness.workiq.refresh({ rejected, claims }),
        harness.mail.refresh({ claims }),
      ]);
    }
    const { maxConcurrentTokenRequests, tokenOutcomes } = await entra.control.counters();
    assert.equal(maxConcurrentTokenRequests, 1);
    assert.deepEqual(Object.keys(tokenOutcomes), ['ok']);
    assert.equal(harness.session.state().status, 'connected');
  });

  test('refresh - a caller that gives up leaves the refresh to the others [P7]', async () => {
    await entra.control.changeSettings({ latencyMs: 100 });
    await using harness = await startSession({ entra, clock: clock() });
    await harness.connect();
    const rejected = await tokenOf(harness.workiq.token());
    const giving = new AbortController();
    const impatient = harness.workiq.refresh({ rejected, signal: giving.signal });
    const patient = harness.workiq.refresh({ rejected });
    giving.abort(new Error('enough'));
    await assert.rejects(impatient, /enough/);
    assert.notEqual(await patient, rejected);
  });
});

describe('refresh - tokens of before', () => {
  test('refresh - after a disconnect, and after another hand-off, no token of before serves, of any audience', async () => {
    await using harness = await startSession({ entra, clock: clock() });
    await harness.connect();
    const held = async (): Promise<string[]> =>
      Promise.all([harness.workiq, harness.mail].map((profile) => tokenOf(profile.token())));
    const first = await held();
    await harness.connect();
    const second = await held();
    await harness.session.disconnect();
    for (const profile of [harness.workiq, harness.mail]) {
      assert.equal(await codeOf((async () => profile.token())()), 'auth_required');
      assert.equal(await codeOf(profile.refresh({ rejected: second[0] })), 'auth_required');
    }
    await harness.connect('megan');
    assert.equal(new Set([...first, ...second, ...(await held())]).size, 6);
  });
});

describe('refresh - ahead of time', () => {
  test('refresh - near its end a token still serves at once while one request fetches the next', async () => {
    const time = clock();
    await using harness = await startSession({ entra, clock: time });
    await harness.connect();
    const first = harness.workiq.token();
    assert.equal(typeof first, 'string');
    const already = await refreshes();
    await entra.control.changeSettings({ latencyMs: 2_000 });
    time.advance(58 * minute);
    const started = performance.now();
    for (let call = 0; call < 50; call++) assert.ok((await harness.workiq.token()) === first);
    assert.ok(performance.now() - started < 2_000, 'nobody waited for Entra');
    await until('the next token', async () => (await harness.workiq.token()) !== first);
    assert.equal(await refreshes(), already + 1);
    assert.equal(typeof harness.workiq.token(), 'string');
  });

  test('refresh - without any call the account is refreshed within a day, so that it never idles away', async () => {
    const time = clock();
    await using harness = await startSession({ entra, clock: time });
    await harness.connect();
    for (let round = 0; round < 3; round++) {
      const already = await refreshes();
      const { lastRefreshAt } = harness.session.state();
      await until('it sleeps', () => time.sleeping.length > 0);
      time.advance(day);
      await until('it was refreshed', async () => (await refreshes()) > already);
      await until('it was stored', async () => (await harness.stored()).connection?.lastRefreshAt !== lastRefreshAt);
    }
    assert.equal(harness.session.state().status, 'connected');
  });
});

describe('refresh - the hot path', () => {
  test('refresh - a held token is given synchronously, without file and without a parsed cache [P8]', async (context) => {
    let storeCalls = 0;
    await using harness = await startSession({
      entra,
      clock: clock(),
      wrapStore: (store) =>
        new Proxy(store, {
          get: (target, name) => {
            storeCalls++;
            const member: unknown = Reflect.get(target, name);
            return typeof member === 'function' ? (member.bind(target) as unknown) : member;
          },
        }),
    });
    await harness.connect();
    const token = harness.workiq.token();
    await rm(harness.folder, { recursive: true });
    storeCalls = 0;
    const parse = context.mock.method(JSON, 'parse');
    for (let call = 0; call < 10_000; call++) assert.ok(harness.workiq.token() === token);
    assert.equal(parse.mock.callCount(), 0);
    assert.equal(storeCalls, 0);
    parse.mock.restore();
  });
});

describe('refresh - outages of Entra', () => {
  for (const outage of ['reset', 'refused'] as const) {
    test(`refresh - connections ${outage}: a valid token serves, the state says degraded, and all heals by itself [P9]`, async () => {
      const time = clock();
      await using harness = await startSession({ entra, clock: time, backoff });
      await harness.connect();
      const first = harness.workiq.token();
      await entra.control.changeSettings({ outage });
      time.advance(58 * minute);

      // The first lost answer is no outage yet; the second in a row is.
      assert.ok((await harness.workiq.token()) === first);
      await until('the first try failed', () => time.sleeping.some((ms) => ms < 2_000));
      assert.equal(harness.session.state().status, 'connected');
      time.advance(1_100);
      await until('the state says so', () => harness.session.state().status === 'degraded');
      assert.equal(harness.session.state().reason?.code, 'server_unavailable');
      assert.ok((await harness.workiq.token()) === first);

      // The token is over: calls fail as unavailable, never as a missing sign-in, and say when to come again.
      time.advance(3 * minute);
      const error = await tokenOf(harness.workiq.token()).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof RockBotError);
      assert.equal(error.code, 'server_unavailable');
      assert.ok((error.retryAfterMs ?? 0) > 0);
      assert.ok((await harness.stored()).connection !== undefined);

      // Entra goes by the real time; what it gives now is to last for the time of the test.
      await entra.control.changeSettings({ outage: 'none', accessTokenLifeSeconds: 86_400 });
      time.advance(10_000);
      await until('it is connected again', () => harness.session.state().status === 'connected');
      assert.equal(typeof harness.workiq.token(), 'string');
      assert.ok(harness.effects.every(({ type }) => type === 'announce'));
    });
  }

  const answers = {
    '503 with a page': { kind: 'unavailable', body: 'html' },
    '503 without a body': { kind: 'unavailable', body: 'empty' },
    '200 with {}': { kind: 'empty-object' },
    'a cut document': { kind: 'truncated' },
    'a lost answer after the work was done': { kind: 'lost-answer' },
    '429': { kind: 'throttled', retryAfterSeconds: 7 },
    'server_error with a number in it': {
      kind: 'http',
      status: 500,
      body: '{"error":"server_error","error_description":"AADSTS50173: not really"}',
    },
  } as const;
  for (const [name, action] of Object.entries(answers)) {
    test(`refresh - ${name} costs neither the token nor the connection [P9]`, async () => {
      const time = clock();
      await using harness = await startSession({ entra, clock: time, backoff });
      await harness.connect();
      const rejected = await tokenOf(harness.workiq.token());
      const { connection } = await harness.stored();
      await entra.control.addFault({ grantType: 'refresh_token', action });
      assert.equal(await codeOf(harness.workiq.refresh({ rejected })), 'server_unavailable');
      assert.equal(harness.session.state().status, 'connected');
      assert.ok(harness.workiq.token() === rejected, 'the held token serves on');
      assert.deepEqual((await harness.stored()).connection, connection);
      // Left alone for a while, however many callers come.
      const already = await refreshes();
      for (let call = 0; call < 20; call++)
        assert.equal(await codeOf(harness.workiq.refresh({ rejected })), 'server_unavailable');
      assert.equal(await refreshes(), already);
      time.advance(7_500);
      await until('it was tried again', () => harness.workiq.token() !== rejected);
    });
  }

  test('refresh - an Entra that never answers is given up, and the held token serves meanwhile [P9]', async () => {
    await using harness = await startSession({ entra, clock: clock(), backoff, timeoutMs: 1_500 });
    await harness.connect();
    const rejected = await tokenOf(harness.workiq.token());
    await entra.control.changeSettings({ hang: true });
    assert.equal(await codeOf(harness.workiq.refresh({ rejected })), 'server_unavailable');
    assert.ok(harness.workiq.token() === rejected);
    await entra.control.changeSettings({ hang: false });
  });
});
