// The official MCP conformance suite against the bridge as a client, held against docs/conformance.md: verdicts and numbers of
// checks, so that neither an empty run nor a stale document passes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readExpectedScenarios, type ExpectedScenario } from '../support/conformance/expected-scenarios.ts';
import { listScenarios, runScenario, suiteVersion, type ScenarioOutcome } from '../support/conformance/run-scenario.ts';

const { version, rows } = await readExpectedScenarios();

/** Measures how long the client waits; a busy machine makes it late. */
const timedCheck = 'client-sse-retry-timing';
const maxAttempts = 4;

describe('conformance - the document', () => {
  test('conformance - it is about the installed suite and names each of its client scenarios once', async () => {
    assert.equal(version, suiteVersion);
    assert.deepEqual(
      rows.map(({ scenario }) => scenario),
      await listScenarios(),
    );
  });

  test('conformance - what needs no authorization by the client passes, and each other one has its reason', () => {
    const passing = rows.filter(({ result }) => result === 'passes');
    assert.deepEqual(
      passing.map(({ scenario }) => scenario),
      ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry', 'auth/resource-mismatch'],
    );
    for (const { scenario, result, failed, why } of rows) {
      const isExplained = result === 'passes' ? failed.length === 0 : failed.length > 0 && why !== '';
      assert.ok(isExplained, scenario);
    }
  });
});

describe('conformance - the suite', { concurrency: 2 }, () => {
  for (const row of rows) {
    test(`conformance - ${row.scenario} ${row.result === 'passes' ? 'passes' : 'ends as documented'}`, async () => {
      const outcome = await run(row);
      const { isPassed, passed, failed, warned, output } = outcome;
      assert.deepEqual(
        { isPassed, passed, failed, warned },
        { isPassed: row.result === 'passes', passed: row.passed, failed: row.failed, warned: [] },
        output,
      );
    });
  }
});

/** Once more while the machine, and not the client, was too slow for the suite's clock. */
async function run({ scenario }: ExpectedScenario): Promise<ScenarioOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await runScenario(scenario);
    const isLate = [...outcome.failed, ...outcome.warned].join() === timedCheck;
    if (!isLate || attempt === maxAttempts) return outcome;
  }
}
