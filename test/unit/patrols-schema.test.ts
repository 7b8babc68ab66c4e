// The JSON Schema of patrols.json that editors use: as the code has it, and of one mind with the parser.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { Validator } from '@cfworker/json-schema';
import { parse } from 'jsonc-parser';
import { format } from 'prettier';
import { parsePatrols } from '../../shared/patrols/parse-patrols.ts';
import { patrolsJsonSchema } from '../../shared/patrols/patrols-json-schema.ts';

const file = new URL('../../extension/schemas/patrols.schema.json', import.meta.url);
const sample = new URL('../../deploy/examples/patrols.json', import.meta.url);

function fits(value: unknown): boolean {
  return new Validator(patrolsJsonSchema() as ConstructorParameters<typeof Validator>[0], '7').validate(value).valid;
}

describe('patrols schema', () => {
  test('patrols schema - the file in the repository is as the code has it', async () => {
    const text = await format(JSON.stringify(patrolsJsonSchema()), { parser: 'json', printWidth: 120 });
    if (process.env['ROCKBOT_UPDATE_GOLDEN'] === '1') await writeFile(file, text);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(text), 'run with ROCKBOT_UPDATE_GOLDEN=1');
  });

  test('patrols schema - the sample fits', async () => {
    assert.ok(fits(parse(await readFile(sample, 'utf8'))));
  });

  const good = { schedule: { cron: '0 8 * * *' }, steps: [{ server: 's', tool: 't' }] };
  for (const [name, patrol, expected] of [
    ['the least', good, true],
    ['guards by name', { ...good, guards: 'no-send' }, true],
    ['guards with rules', { ...good, guards: { preset: 'full', deny: ['do_action **/sendMail'] } }, true],
    ['an unknown preset', { ...good, guards: 'readonly' }, false],
    ['an unknown key', { ...good, guard: 'full' }, false],
    ['no steps', { ...good, steps: [] }, false],
    ['a wrong choice', { ...good, missed: 'all' }, false],
    ['lines of output', { ...good, output: ['a', 'b'] }, true],
    ['a number as output', { ...good, output: 1 }, false],
  ] as const) {
    test(`patrols schema - ${name} ${expected ? 'fits' : 'does not fit'}, and the parser agrees`, () => {
      const value = { patrols: { one: patrol } };
      assert.equal(fits(value), expected);
      const parsed = parsePatrols(JSON.stringify(value));
      assert.equal(parsed.ok && parsed.patrols[0]?.patrol !== undefined, expected);
    });
  }

  test('patrols schema - every key says what it means', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (node === null || typeof node !== 'object') return;
      const { properties } = node as { properties?: Record<string, { description?: string }> };
      for (const [key, member] of Object.entries(properties ?? {}))
        if (member.description === undefined && key !== '$schema' && key !== 'preset') bare.push(`${path}.${key}`);
      for (const [key, member] of Object.entries(node)) visit(member, `${path}.${key}`);
    };
    visit(patrolsJsonSchema(), '');
    assert.deepEqual(bare, []);
  });
});
