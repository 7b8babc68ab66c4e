// Section "token": what one bearer costs while a valid one is held, and that no file is read for it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { AccountSession } from '../../agent/auth/account-session.ts';
import { CacheStore } from '../../agent/auth/cache-store.ts';
import { openMsalSession } from '../../agent/auth/msal.ts';
import { createProfiles } from '../../agent/auth/profiles.ts';
import { TokenEndpointClient } from '../../agent/auth/token-endpoint.ts';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import { createDispatcher } from '../../agent/dispatcher.ts';
import type { BenchStack } from './bench-stack.ts';
import { median, quartiles, type Measure } from './measure.ts';

/** Blocks of calls; each gives one figure. */
const blocks = 20;

export async function measureTokenPath({
  stack,
  folder,
  calls,
}: {
  stack: BenchStack;
  folder: string;
  calls: number;
}): Promise<Measure[]> {
  await using agent = await stack.startAgent({ folder, name: 'bench-token' });
  await agent.connect();
  const { scopes } = await agent.bus.request('authProfile', {});
  const { tenantId, clientId, authority } = stack.entra;
  const store = new CacheStore({
    path: join(agent.process.dataDir, 'secrets/workiq-cache.bin'),
    clock: systemClock,
  });
  const dispatcher = createDispatcher({ env: {} });
  const closing = new AbortController();
  const silent = (): void => {};
  const session = new AccountSession({
    tenantId,
    clientId,
    authority,
    primaryScopes: scopes,
    history: { periodMs: () => undefined, ended: silent, stillGood: silent },
    rules: { trustedSigners: [] },
    store,
    openMsal: ({ account, cache }) =>
      openMsalSession({
        clientId,
        authority,
        account,
        cache,
        network: new TokenEndpointClient({ dispatcher: () => dispatcher.get(), closing: closing.signal }),
      }),
    clock: systemClock,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    onEffect: silent,
  });
  await session.start();
  const provider = createProfiles(session, [{ name: 'workiq', scopes, allowedOrigins: [] }]).get('workiq');
  if (provider === undefined) throw new Error('There is no profile.');
  try {
    return await measureProvider(provider, store, calls);
  } finally {
    closing.abort();
    await session.close();
  }
}

async function measureProvider(provider: TokenProvider, store: CacheStore, calls: number): Promise<Measure[]> {
  using count = countFileCalls();
  await store.load();
  if (count.calls() === 0) throw new Error('The counter does not see that the cache file is read.');
  await provider.token();
  const before = count.calls();
  const perBlock = Math.ceil(calls / blocks);
  const nanoseconds: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const started = process.hrtime.bigint();
    for (let call = 0; call < perBlock; call++) {
      if (typeof provider.token() !== 'string') throw new Error('The token was not at hand.');
    }
    nanoseconds.push(Number(process.hrtime.bigint() - started) / perBlock);
  }
  return [
    {
      id: 'token.hot',
      title: 'Bearer while one is held',
      value: median(nanoseconds),
      spread: quartiles(nanoseconds),
      unit: 'ns',
      target: { atMost: 5_000 },
    },
    {
      id: 'token.fileCalls',
      title: `Calls of node:fs during ${calls.toLocaleString('en')} bearers`,
      value: count.calls() - before,
      unit: 'reads',
      target: { atMost: 0 },
    },
  ];
}

/** Counts every call of a function of node:fs, of its promises too, in this process. */
function countFileCalls(): Disposable & { calls(): number } {
  let calls = 0;
  const restore: (() => void)[] = [];
  for (const module of [fs, fs.promises] as Record<string, unknown>[]) {
    for (const [name, original] of Object.entries(module)) {
      if (typeof original !== 'function' || /^[A-Z]/.test(name)) continue;
      module[name] = function (this: unknown, ...args: unknown[]): unknown {
        calls++;
        return Reflect.apply(original, this, args);
      };
      restore.push(() => (module[name] = original));
    }
  }
  syncBuiltinESMExports();
  return {
    calls: () => calls,
    [Symbol.dispose]() {
      for (const step of restore) step();
      syncBuiltinESMExports();
    },
  };
}
