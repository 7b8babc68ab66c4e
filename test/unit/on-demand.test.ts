// Parts that are loaded at their first use: one for all who ask, a failure told and tried again, nothing left behind at the end.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { problemOf } from '../../extension/connection/problem.ts';
import { loadedPart, PartNotLoaded } from '../../extension/loaded-part.ts';
import { onDemand } from '../../extension/ui/on-demand.ts';

function part() {
  return { disposals: 0, dispose: () => undefined as void };
}

const unexpected = (error: unknown): never => assert.fail(String(error));

describe('on demand - what most windows never need', () => {
  test('on demand - two commands at once share one part, and act on it in their order', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    let loads = 0;
    const lazy = onDemand(() => (loads++, promise), unexpected);
    const acts: [string, object][] = [];
    const uses = ['first', 'second'].map((name) => lazy.use((made) => acts.push([name, made])));
    assert.equal(lazy.made, undefined);
    const made = part();
    resolve(made);
    await Promise.all(uses);
    assert.equal(loads, 1);
    assert.deepEqual(acts, [
      ['first', made],
      ['second', made],
    ]);
    assert.equal(lazy.made, made);
  });

  test('on demand - a file that is gone is told once for all who wait, and the next use finds it when it is back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-on-demand-'));
    const file = join(folder, 'part.cjs');
    const load = createRequire(import.meta.url);
    const told: unknown[] = [];
    const lazy = onDemand(
      () => loadedPart(Promise.resolve().then(() => load(file) as { name: string })),
      (error) => told.push(error),
    );
    const names: string[] = [];
    const use = () => lazy.use(({ name }) => names.push(name));
    try {
      await Promise.all([use(), use()]);
      assert.equal(told.length, 1);
      await use();
      assert.equal(told.length, 2);
      assert.ok(told.every((error) => error instanceof PartNotLoaded));
      const { message, action } = problemOf(told[0]);
      assert.match(message, /could not be loaded \(MODULE_NOT_FOUND\)/);
      assert.match(action ?? '', /Reload the window/);
      assert.doesNotMatch(`${message} ${action}`, /part\.cjs/, 'no path of this machine');

      await writeFile(file, `exports.name = 'part';`);
      await use();
      assert.deepEqual(names, ['part']);
      assert.equal(told.length, 2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('on demand - what is done with a part may fail without harm to the part', async () => {
    const lazy = onDemand(() => Promise.resolve(part()), unexpected);
    await assert.rejects(
      lazy.use(() => Promise.reject(new Error('its own trouble'))),
      /its own trouble/,
    );
    await lazy.use(() => undefined);
    assert.notEqual(lazy.made, undefined);
  });

  test('on demand - a part that ends while it is loaded is ended as soon as it is there, and nobody acts on it', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    let disposals = 0;
    const lazy = onDemand(() => promise, unexpected);
    const use = lazy.use(() => assert.fail('it is over'));
    lazy.dispose();
    resolve({ dispose: () => disposals++ });
    await use;
    assert.equal(disposals, 1);
    assert.equal(lazy.made, undefined);
    await lazy.use(() => assert.fail('it is over'));
  });

  test('on demand - one that fails after the end is told to nobody', async () => {
    const { promise, reject } = Promise.withResolvers<object>();
    const lazy = onDemand(() => promise, unexpected);
    const use = lazy.use(() => assert.fail('there is none'));
    lazy.dispose();
    reject(new Error('gone'));
    await use;
    await setImmediate();
  });

  test('on demand - what nobody used is neither loaded nor ended', () => {
    onDemand(() => assert.fail('nobody asked'), unexpected).dispose();
  });
});
