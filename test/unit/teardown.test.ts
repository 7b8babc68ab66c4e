// Stopping in order: the last part first, each its chance, none for ever.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Teardown } from '../../agent/teardown.ts';

interface Told {
  level: 'warn' | 'error';
  part: unknown;
}

function teardown(deadlineMs = 60_000): { parts: Teardown; told: Told[]; ended: string[] } {
  const told: Told[] = [];
  const tell =
    (level: Told['level']) =>
    (_message: string, fields?: Record<string, unknown>): void =>
      void told.push({ level, part: fields?.['part'] });
  const parts = new Teardown({ logger: { warn: tell('warn'), error: tell('error') }, deadlineMs });
  return { parts, told, ended: [] };
}

const never = (): Promise<void> => new Promise(() => undefined);

describe('teardown', () => {
  test('teardown - the last part ends first, each waits for the one before, and a second order to stop is the same stop', async () => {
    const { parts, told, ended } = teardown();
    const release = Promise.withResolvers<void>();
    for (const name of ['lock', 'http', 'session']) parts.add(name, () => void ended.push(name));
    parts.add('bus', async () => {
      await release.promise;
      ended.push('bus');
    });
    const first = parts.run();
    const second = parts.run();
    assert.equal(first, second);
    assert.deepEqual(ended, []);
    release.resolve();
    await second;
    assert.deepEqual(ended, ['bus', 'session', 'http', 'lock']);
    await parts.run();
    assert.equal(ended.length, 4, 'nothing is ended twice');
    assert.deepEqual(told, []);
  });

  test('teardown - a part that fails, at once or later, is told and holds up nothing', async () => {
    const { parts, told, ended } = teardown();
    parts.add('lock', () => void ended.push('lock'));
    parts.add('throws', () => {
      throw new Error('at once');
    });
    parts.add('rejects', async () => {
      await Promise.resolve();
      throw new Error('later');
    });
    await parts.run();
    assert.deepEqual(ended, ['lock']);
    assert.deepEqual(told, [
      { level: 'error', part: 'rejects' },
      { level: 'error', part: 'throws' },
    ]);
  });

  test('teardown - a part that never ends is left behind and named, and the lock is freed all the same', async () => {
    const { parts, told, ended } = teardown();
    parts.add('lock', () => void ended.push('lock'));
    parts.add('a disk that hangs', never, { withinMs: 20 });
    await parts.run();
    assert.deepEqual(ended, ['lock']);
    assert.deepEqual(told, [{ level: 'warn', part: 'a disk that hangs' }]);
  });

  test('teardown - when all the time is used up, what is left still gets a moment each', async () => {
    const { parts, told, ended } = teardown(30);
    parts.add('lock', () => void ended.push('lock'));
    parts.add('quick', async () => {
      await Promise.resolve();
      ended.push('quick');
    });
    parts.add('hangs, too', never);
    parts.add('hangs', never);
    await parts.run();
    assert.deepEqual(ended, ['quick', 'lock']);
    assert.deepEqual(
      told.map(({ part }) => part),
      ['hangs', 'hangs, too'],
    );
  });
});
