// The Mocha suite of test/workbench, run in the extension host of a real VS Code; each of its tests is one test here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSuite } from '../support/workbench/run-suite.ts';

const { description, ran, tests, output, failure } = await runSuite();
console.error(description);

test('extension host - the suite runs to its end in a real VS Code', { skip: !ran && description }, (t) => {
  t.diagnostic(description);
  assert.ok(tests.length > 0, output);
  if (tests.every(({ state }) => state !== 'failed')) assert.equal(failure, undefined, output);
});

for (const { title, state, error } of tests)
  test(`extension host - ${title}`, { skip: state === 'skipped' && 'skipped in the suite' }, () => {
    assert.equal(state, 'passed', `in the extension host: ${error}`);
  });
