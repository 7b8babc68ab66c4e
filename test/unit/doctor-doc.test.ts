// docs/doctor.md against the code: every finding has its line with a repair, and no line is of a finding that nobody makes.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { agentFindingIds, findingTexts } from '../../shared/doctor/finding.ts';
import { findingGroups, groupOf } from '../../extension/doctor/finding-group.ts';

const text = await readFile('docs/doctor.md', 'utf8');

test('doctor doc - its ids are those of the code, in that order and in the groups that people see', () => {
  const sections = text.split(/^## /m).slice(1);
  const documented = sections.flatMap((section) => {
    const group = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^\| `([a-z-]+\.[a-z-]+)` *\|([^|]+)\|([^|]+)\|$/gm)].map(
      ([, id = '', looked = '', repair = '']) => {
        assert.ok(looked.trim().length > 10 && repair.trim().length > 10, id);
        return { id, group };
      },
    );
  });
  assert.deepEqual(documented.map(({ id }) => id).toSorted(), Object.keys(findingTexts).toSorted());
  for (const { id, group } of documented) assert.equal(group, groupOf({ id }), id);
  assert.deepEqual(
    sections.map((section) => section.slice(0, section.indexOf('\n'))),
    [...findingGroups],
  );
});

test('doctor doc - every id is made somewhere', async () => {
  let sources = '';
  for await (const file of glob('{agent/checks,extension/doctor}/*.ts')) sources += await readFile(file, 'utf8');
  for (const id of Object.keys(findingTexts)) assert.ok(sources.includes(`'${id}'`), id);
  for (const id of agentFindingIds) assert.ok(id in findingTexts);
});
