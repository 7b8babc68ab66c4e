// Run records on the volume: what is written is read again, what is torn is set aside, and there are never too many.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createLogger } from '../../agent/logger.ts';
import { openPatrolFiles } from '../../agent/patrols/patrol-files.ts';
import { defaultLimits, RecordIndex } from '../../agent/patrols/record-index.ts';
import { RunRecords, withoutResults } from '../../agent/patrols/run-records.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryFiles } from '../support/memory-files.ts';

const day = 86_400_000;
const start = Date.parse('2027-03-01T08:00:00Z');
const logger = createLogger({ level: 'error', write: () => undefined });

function runOf(runId: string, more: Partial<PatrolRun> = {}): PatrolRun {
  return {
    runId,
    patrol: 'p',
    trigger: 'manual',
    status: 'ok',
    startedAt: new Date(start).toISOString(),
    summary: 'Complete.',
    saw: [],
    blind: [],
    steps: [
      { id: 'a', server: 's', tool: 't', outcome: 'ok', calls: 1, result: { text: 'line\nline' } },
      { id: 'b', server: 's', tool: 't', outcome: 'ok', calls: 1, resultBytes: 9 },
      { id: 'c', server: 's', tool: 't', outcome: 'ok', calls: 1, result: [1, null] },
    ],
    budget: { calls: 3, callsPerRun: 50 },
    ...more,
  };
}

describe('patrol records', () => {
  test('patrol records - on a real volume: whole, without results, private, and again after a restart [P2]', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'rockbot-records-')), 'patrols');
    try {
      const options = { limits: defaultLimits, clock: manualClock(start), logger };
      const records = await RunRecords.open({ ...options, files: await openPatrolFiles(folder) });
      const long = runOf('long', { output: 'ü'.repeat(40_000), patrol: 'a.b-c_d' });
      await records.write(runOf('one', { status: 'running' }));
      await records.write(runOf('one'));
      await records.write(long);
      await writeFile(join(folder, 'notes.txt'), 'not ours');
      await writeFile(join(folder, `20270301T080000001Z.p.torn.json`), '{"runId":"torn","pat');
      await writeFile(join(folder, `20270301T080000002Z.p.foreign.json`), '{"runId":"another"}\n');
      for (const reopened of [records, await RunRecords.open({ ...options, files: await openPatrolFiles(folder) })]) {
        assert.deepEqual(await reopened.get('one'), runOf('one'));
        assert.deepEqual(await reopened.get('long'), long);
        assert.deepEqual(await reopened.find({ patrol: 'a.b-c_d', limit: 5 }), [withoutResults(long)]);
        assert.deepEqual(await reopened.find({ patrol: 'p', limit: 5 }), [withoutResults(runOf('one'))]);
        assert.equal(await reopened.get('nobody'), undefined);
      }
      const names = await readdir(folder);
      assert.ok(names.includes('notes.txt'));
      assert.equal(names.filter((name) => name.endsWith('.unusable')).length, 2);
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      for (const name of names.filter((each) => each.includes('.one.') || each.includes('.long.')))
        assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
    } finally {
      await rm(join(folder, '..'), { recursive: true, force: true });
    }
  });

  test('patrol records - of a record that moved, a kill may leave two files; the newer one counts', async () => {
    const volume = new Map<string, string>();
    const options = { limits: defaultLimits, clock: manualClock(start), logger };
    const skipped = (count: number): PatrolRun => {
      const at = new Date(start + count * 1000).toISOString();
      const { startedAt: _none, ...run } = runOf('row', { status: 'skipped', steps: [], endedAt: at });
      return { ...run, skipped: { reason: 'disabled', count, first: at, last: at } };
    };
    const records = await RunRecords.open({ ...options, files: memoryFiles({ volume }) });
    await records.write(skipped(1));
    const old = [...volume];
    await records.write(skipped(2));
    assert.equal(volume.size, 1);
    for (const [name, content] of old) volume.set(name, content);
    const reopened = await RunRecords.open({ ...options, files: memoryFiles({ volume }) });
    assert.equal((await reopened.get('row'))?.skipped?.count, 2);
    assert.equal(volume.size, 1);
  });

  test('patrol records - they page by time, newest first', async () => {
    const records = await RunRecords.open({
      limits: defaultLimits,
      clock: manualClock(start),
      logger,
      files: memoryFiles({ volume: new Map() }),
    });
    for (const minute of [3, 1, 2, 5, 4])
      await records.write(runOf(`r${minute}`, { startedAt: new Date(start + minute * 60_000).toISOString() }));
    const ids = async (before?: number): Promise<string[]> =>
      (await records.find({ limit: 2, before })).map(({ runId }) => runId);
    assert.deepEqual(await ids(), ['r5', 'r4']);
    assert.deepEqual(await ids(start + 4 * 60_000), ['r3', 'r2']);
    assert.deepEqual(await ids(start + 60_000), []);
  });
});

describe('patrol records - bounds', () => {
  const limits = { perPatrol: 3, total: 6, ageMs: 10 * day, bytes: 1_000 };
  const indexOf = (entries: [string, number, number?][]): RecordIndex => {
    const index = new RecordIndex();
    for (const [patrol, days, bytes = 1] of entries)
      index.put({ patrol, at: start + days * day, runId: `${patrol}${days}`, bytes });
    return index;
  };
  for (const [name, entries, gone] of [
    [
      'nothing is too much',
      [
        ['a', 9],
        ['b', 9],
      ],
      [],
    ],
    [
      'too many of one',
      [
        ['a', 5],
        ['a', 6],
        ['a', 7],
        ['a', 8],
        ['b', 1],
      ],
      ['a5'],
    ],
    [
      'too old, but the last stays',
      [
        ['a', -30],
        ['a', -20],
        ['b', 9],
        ['b', -1],
      ],
      ['a-30', 'b-1'],
    ],
    [
      'too many in all: of whoever has the most',
      [
        ['a', 1],
        ['a', 2],
        ['a', 3],
        ['b', 1],
        ['b', 2],
        ['c', 1],
        ['d', 1],
      ],
      ['a1'],
    ],
    [
      'too large: of whoever takes the most',
      [
        ['a', 1, 5],
        ['a', 2, 5],
        ['b', 1, 600],
        ['b', 2, 600],
      ],
      ['b1'],
    ],
    [
      'one of each, and still too many',
      [
        ['a', 1],
        ['b', 2],
        ['c', 3],
        ['d', 4],
        ['e', 5],
        ['f', 6],
        ['g', 7],
      ],
      ['a1'],
    ],
    ['a single one that is too large', [['a', 1, 5_000]], ['a1']],
  ] as [string, [string, number, number?][], string[]][]) {
    test(`patrol records - ${name}`, () => {
      const surplus = indexOf(entries).surplus(limits, start + 10 * day);
      assert.deepEqual(surplus.map(({ runId }) => runId).sort(), gone);
    });
  }
});
