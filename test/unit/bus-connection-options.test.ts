// How both tiers connect to NATS and come back: for ever, after a refusal as well, and not all at the same moment.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { connectionOptions as agentOptions } from '../../agent/bus/connection-options.ts';
import { createBusSockets } from '../../extension/bus/bus-socket.ts';
import { connectionOptions as uiOptions } from '../../extension/bus/connection-options.ts';

const url = 'ws://127.0.0.1:4223';

interface Tier {
  name: string;
  /** `attempt`: tries since the connection was lost. */
  options: (attempt: number) => ReturnType<typeof uiOptions>;
  /** Longest delay in milliseconds. */
  longest: number;
}

const tiers: readonly Tier[] = [
  {
    name: 'agent',
    options: () => agentOptions({ url, agent: 'rockbot', onSocketError: () => undefined }),
    longest: 2_000,
  },
  {
    name: 'UI',
    options: (attempt) =>
      uiOptions({
        url,
        source: 'test',
        timeoutMs: 1_000,
        sockets: createBusSockets({ url, timeoutMs: 1_000 }),
        attempt: () => attempt,
      }),
    longest: 15_000,
  },
];

function delayOf({ options }: Tier, attempt: number): number {
  const delay = options(attempt).reconnectDelayHandler?.();
  assert.ok(delay !== undefined);
  return delay;
}

describe('bus connection options', () => {
  for (const tier of tiers) {
    test(`bus connection options - the ${tier.name} comes back for ever, after a refusal, and to the address it was given`, () => {
      const options = tier.options(0);
      assert.equal(options.maxReconnectAttempts, -1);
      assert.equal(options.reconnect ?? true, true);
      assert.equal(options.ignoreAuthErrorAbort, true);
      // A server behind an ingress tells addresses that lead nowhere.
      assert.equal(options.ignoreClusterUpdates, true);
      assert.deepEqual([options.servers].flat(), [url]);
    });

    test(`bus connection options - the ${tier.name}'s delay before it dials again is jittered and bounded`, (context: TestContext) => {
      for (const attempt of [0, 1, 2, 5, 20, 1_000, 1e9]) {
        const [earliest, latest] = [0, 1 - Number.EPSILON].map((drawn) => {
          const random = context.mock.method(Math, 'random', () => drawn);
          const delay = delayOf(tier, attempt);
          random.mock.restore();
          return delay;
        }) as [number, number];
        assert.ok(earliest >= 100, `${earliest} ms at attempt ${attempt}: a bus that restarts is not stormed`);
        assert.ok(latest <= tier.longest, `${latest} ms at attempt ${attempt}: a bus that is back is found soon`);
        assert.ok(latest >= 1.5 * earliest, `${earliest} to ${latest} ms at attempt ${attempt}: not all at one moment`);
      }
      const drawn = new Set(Array.from({ length: 50 }, () => delayOf(tier, 3)));
      assert.ok(drawn.size > 25, 'every client has delays of its own');
    });
  }
});
