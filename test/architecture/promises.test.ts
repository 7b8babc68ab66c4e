import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { citedPromises, promisesIn } from './promises.ts';

test('promises - every promise of the contract that this version makes is cited by a test', async () => {
  const promises = promisesIn(await readFile('docs/contract.md', 'utf8'));
  assert.ok(promises.length >= 19, `only ${promises.length} promises were found in docs/contract.md`);
  const cited = await citedPromises();
  const uncited = promises
    .filter(({ id, isPlanned }) => !isPlanned && !cited.has(id))
    .map(({ id, text }) => `${id}: ${text}`);
  assert.deepEqual(uncited, []);
});

test('promises - a test cites no promise that the contract does not make', async () => {
  const known = new Set(promisesIn(await readFile('docs/contract.md', 'utf8')).map(({ id }) => id));
  assert.deepEqual(
    [...(await citedPromises())].filter((id) => !known.has(id)),
    [],
  );
});
