// The watch over the volume, and small files on a volume that fails for a while.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { keptText } from '../../agent/files/kept-text.ts';
import { watchVolume, type VolumeWatchOptions } from '../../agent/files/volume-watch.ts';
import { until } from '../support/until.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-watch-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const failure = (code: string): Error => Object.assign(new Error('no write'), { code });

describe('volume watch', () => {
  const heard = (
    options: Omit<VolumeWatchOptions, 'folder' | 'onChange' | 'intervalMs'>,
  ): Disposable & { problems: (string | undefined)[] } => {
    const problems: (string | undefined)[] = [];
    const watch = watchVolume({
      folder,
      intervalMs: 1,
      onChange: (problem) => void problems.push(problem),
      ...options,
    });
    return { problems, [Symbol.dispose]: () => watch.close() };
  };

  test('volume watch - tells what changes, once, with the code of the system', async () => {
    let looks = 0;
    let code: string | undefined;
    using watch = heard({
      tryToWrite: async () => {
        looks++;
        if (code !== undefined) throw failure(code);
      },
    });
    const severalLooks = async (): Promise<void> => {
      const from = looks;
      await until('it looked again', () => looks > from + 3);
    };
    await severalLooks();
    assert.deepEqual(watch.problems, [], 'all is well');
    for (const next of ['ENOSPC', 'EROFS', undefined]) {
      code = next;
      await severalLooks();
    }
    assert.deepEqual(watch.problems, [
      ', which has no space left (ENOSPC)',
      ', which cannot be written to (EROFS)',
      undefined,
    ]);
  });

  test('volume watch - one that hangs is a problem, is not asked twice, and is well again when it answers', async () => {
    const answer = Promise.withResolvers<void>();
    let asked = 0;
    using watch = heard({
      patienceMs: 5,
      tryToWrite: () => {
        asked++;
        return answer.promise;
      },
    });
    await until('it is told', () => watch.problems.length === 1);
    assert.match(watch.problems[0] ?? '', /does not answer/);
    assert.equal(asked, 1);
    answer.resolve();
    await until('it is well again', () => watch.problems.length === 2);
    assert.equal(watch.problems[1], undefined);
  });

  test('volume watch - on a real folder it leaves nothing behind, and notices that the volume is gone', async () => {
    const real = await mkdtemp(join(folder, 'real-'));
    const problems: (string | undefined)[] = [];
    const onChange = (problem: string | undefined): void => void problems.push(problem);
    await writeFile(join(real, 'mark'), '');
    const watch = watchVolume({ folder: real, mark: 'mark', intervalMs: 1, onChange });
    try {
      // What a kill left behind is overwritten.
      await writeFile(join(real, '.volume-probe'), 'x');
      await until('only the mark is left', async () => (await readdir(real)).length === 1);
      await rename(real, `${real}.away`);
      const isAway = (): boolean => problems.at(-1)?.includes('whose volume is away') === true;
      await until('it is told', isAway);
      await mkdir(real);
      await rm(real, { recursive: true });
      await rename(`${real}.away`, real);
      await until('it is well again', () => problems.length > 0 && problems.at(-1) === undefined);
    } finally {
      watch.close();
    }
  });
});

describe('kept text', () => {
  test('kept text - a volume that fails for a while is told once, and the newest text is stored when it is back', async () => {
    const place = join(folder, 'kept');
    const path = join(place, 'counts.json');
    const problems: unknown[] = [];
    const kept = keptText({ path, delayMs: 0, retryMs: 5, onProblem: (error) => void problems.push(error) });
    let text = 'first';
    kept.saveSoon(() => text);
    await until('the failure is told', () => problems.length > 0);
    text = 'newest';
    for (let change = 0; change < 20; change++) kept.saveSoon(() => text);
    await mkdir(place);
    assert.equal(await until('it is stored', () => readFile(path, 'utf8').catch(() => undefined)), 'newest');
    assert.equal(problems.length, 1);

    // A second outage is news again.
    await rm(place, { recursive: true });
    kept.saveSoon(() => 'again');
    await until('the second one is told', () => problems.length === 2);
    await kept.close();
  });

  test('kept text - what could not be stored until the end is tried once more at the end', async () => {
    const place = join(folder, 'kept-at-the-end');
    const path = join(place, 'counts.json');
    const problems: unknown[] = [];
    const kept = keptText({ path, delayMs: 0, retryMs: 3_600_000, onProblem: (error) => void problems.push(error) });
    kept.saveSoon(() => 'last');
    await until('the failure is told', () => problems.length > 0);
    await mkdir(place);
    await kept.close();
    assert.equal(await readFile(path, 'utf8'), 'last');
  });
});
