// Holds a value against a literal JSON file. With ROCKBOT_UPDATE_GOLDEN=1 the file is written instead, for a person to review.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { normalise } from './normalise.ts';

export async function assertGolden(name: string, value: unknown): Promise<void> {
  const file = new URL(`golden/${name}.json`, import.meta.url);
  const actual = normalise(value);
  if (process.env['ROCKBOT_UPDATE_GOLDEN'] === '1') {
    await writeFile(file, `${JSON.stringify(actual, null, 2)}\n`);
    return;
  }
  assert.deepEqual(actual, JSON.parse(await readFile(file, 'utf8')), `${name} is not as golden/${name}.json has it`);
}
