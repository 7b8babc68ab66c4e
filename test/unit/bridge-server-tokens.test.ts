// How often one server's refusals may have a fresh token fetched: always when it could help, and ever more rarely when it did not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendWithBearer } from '../../agent/bridge/bearer.ts';
import { ServerTokens } from '../../agent/bridge/server-tokens.ts';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import { failureOf } from '../support/call-failure.ts';
import { manualClock } from '../support/manual-clock.ts';

/** A profile that counts what it is asked for, and servers of it that say what they take. */
function profile() {
  const clock = manualClock();
  let held = 'token-0';
  let fetched = 0;
  let signIn = 1;
  const asked: (string | undefined)[] = [];
  const tokens: TokenProvider = {
    profile: 'workiq',
    allowedOrigins: new Set(['https://server.example']),
    token: () => held,
    refresh({ rejected, claims }) {
      if (rejected === held || claims !== undefined) {
        asked.push(claims);
        held = `token-${++fetched}`;
      }
      return Promise.resolve(held);
    },
  };
  const server = () => {
    const own = new ServerTokens(tokens, { clock, signIn: () => signIn });
    return (takes: (token: string) => boolean, challenge = 'Bearer'): Promise<{ status: number }> =>
      sendWithBearer<{ status: number }>({
        server: 'stubborn',
        tokens: own,
        url: new URL('https://server.example/mcp'),
        send: ({ authorization = '' }) =>
          Promise.resolve({ status: takes(authorization.slice('Bearer '.length)) ? 200 : 401 }),
        head: ({ status }) => ({ status, header: () => challenge }),
      });
  };
  return {
    clock,
    server,
    asked,
    fetched: () => fetched,
    handOff(token: string) {
      held = token;
      signIn++;
    },
    refreshedOtherwise(token: string) {
      held = token;
    },
  };
}

const none = (): boolean => false;
const all = (): boolean => true;

/** Fresh tokens that a server may refuse before it has to wait. */
const free = 3;

async function exhaust(call: (takes: (token: string) => boolean) => Promise<unknown>): Promise<void> {
  for (let again = 0; again < free; again++) await failureOf(call(none));
}

test('server tokens - a server that refuses every token has a few fetched, then one after 30 s, then ever more rarely up to 5 min', async () => {
  const { clock, server, fetched } = profile();
  const call = server();
  const refuse = async (): Promise<void> => assert.equal((await failureOf(call(none))).code, 'auth_required');
  await exhaust(call);
  let expected = free;
  for (const seconds of [30, 60, 120, 240, 300, 300, 300]) {
    clock.advance(seconds * 1_000 - 1);
    for (let again = 0; again < 5; again++) await refuse();
    assert.equal(fetched(), expected, `too early within ${seconds} s`);
    clock.advance(1);
    for (let again = 0; again < 5; again++) await refuse();
    assert.equal(fetched(), ++expected, `once after ${seconds} s`);
  }
});

test('server tokens - calls that are refused together cost one token and one wait', async () => {
  const { clock, server, fetched } = profile();
  const call = server();
  for (let round = 1; round <= free + 3; round++) {
    await Promise.all(Array.from({ length: 50 }, () => failureOf(call(none))));
    assert.equal(fetched(), Math.min(round, free));
  }
  clock.advance(30_000);
  await Promise.all(Array.from({ length: 50 }, () => failureOf(call(none))));
  assert.equal(fetched(), free + 1);
});

test('server tokens - a refused token whose successor is taken is replaced every time', async () => {
  const { server, fetched } = profile();
  const call = server();
  for (let revoked = 0; revoked < 10; revoked++)
    assert.equal((await call((token) => token !== `token-${revoked}`)).status, 200);
  assert.equal(fetched(), 10);
});

test('server tokens - a server that has come round is served at once with the token that there is, and all is forgotten', async () => {
  const { server, fetched } = profile();
  const call = server();
  await exhaust(call);
  await failureOf(call(none));
  assert.equal((await call(all)).status, 200);
  assert.equal(fetched(), free);
  assert.equal((await call((token) => token !== `token-${free}`)).status, 200);
  assert.equal(fetched(), free + 1);
  await exhaust(call);
  assert.equal(fetched(), 2 * free + 1);
});

test('server tokens - a sign-in ends the wait at once', async () => {
  const { server, fetched, handOff } = profile();
  const call = server();
  await exhaust(call);
  handOff('signed-in');
  assert.equal((await call((token) => token !== 'signed-in')).status, 200);
  assert.equal(fetched(), free + 1);
});

test('server tokens - other claims are asked for at once, the same ones not again', async () => {
  const { server, asked } = profile();
  const call = server();
  const challenge = (value: string): string =>
    `Bearer error="insufficient_claims", claims="${Buffer.from(JSON.stringify({ access_token: { acrs: { value } } })).toString('base64')}"`;
  await exhaust(call);
  for (const value of ['c1', 'c1', 'c2', 'c1', 'c2']) await failureOf(call(none, challenge(value)));
  await failureOf(call(none));
  assert.deepEqual(
    asked.map((claims) => /c\d/.exec(claims ?? '')?.[0]),
    [undefined, undefined, undefined, 'c1', 'c2'],
  );
});

test('server tokens - two servers that refuse everything do not have tokens fetched for each other', async () => {
  const { server, fetched } = profile();
  const [one, other] = [server(), server()];
  for (let round = 0; round < 9; round++) {
    await failureOf(one(none));
    await failureOf(other(none));
  }
  assert.equal(fetched(), 2 * free);
  // And a third one of the same profile is not concerned.
  assert.equal((await server()((token) => token === `token-${2 * free + 1}`)).status, 200);
});

test('server tokens - a token that came about otherwise meanwhile is tried, and the reason of the refusal is told all the same', async () => {
  const { server, fetched, refreshedOtherwise } = profile();
  const call = server();
  await exhaust(call);
  let sent = 0;
  const tried = await call((token) => {
    if (++sent === 1) refreshedOtherwise('keep-alive');
    return token === 'keep-alive';
  });
  assert.equal(tried.status, 200);
  assert.equal(fetched(), free);
  await exhaust(call);
  const { message } = await failureOf(call(none, 'Bearer error="invalid_token", error_description="no licence"'));
  assert.match(message, /invalid_token: no licence/);
});
