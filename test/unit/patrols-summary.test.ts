// The first line of a run's summary: what could not be seen comes first, and blindness never reads as "nothing found".
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { patrolRunSchema, runStatuses, stepOutcomes, type StepRecord } from '../../shared/contract/patrol-messages.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';
import { blindReason, missedSignIn, sightOf } from '../../shared/patrols/sight-of.ts';
import { summarise, type RunFacts } from '../../shared/patrols/summarise.ts';
import * as fc from '../support/repeatable-fast-check.ts';

function step(id: string, server: string, outcome: string, more: Partial<StepRecord> = {}): StepRecord {
  return { id, server, tool: 'fetch', outcome, calls: outcome === 'ok' ? 1 : 0, ...more };
}

const signIn = { error: { code: 'auth_required', message: 'Sign in again.', retryable: false } };
const away = { error: { code: 'server_unavailable', message: 'Out of reach.', retryable: true } };

function facts(status: string, steps: StepRecord[], more: Partial<RunFacts> = {}): RunFacts {
  return { status, trigger: 'schedule', steps, ...sightOf(steps), budget: { calls: 2, callsPerRun: 50 }, ...more };
}

describe('summary - the first line', () => {
  for (const [name, run, expected] of [
    [
      'blind for a sign-in and an outage',
      facts('blind', [
        step('a', 'mail', 'blind', signIn),
        step('b', 'calendar', 'failed', away),
        step('c', 'files', 'ok'),
      ]),
      'Blind: could not see mail (sign-in is needed), calendar (server unavailable). Saw: files.',
    ],
    [
      'blind for everything',
      facts('blind', [step('a', 'workiq', 'blind', signIn), step('b', 'workiq', 'blind', signIn)]),
      'Blind: could not see workiq (sign-in is needed). Saw nothing.',
    ],
    [
      'one server that could be seen in part',
      facts('blind', [step('mail', 'workiq', 'partial', away), step('calendar', 'workiq', 'ok')]),
      'Blind: could not see workiq in step mail (in part: server unavailable). Saw: workiq.',
    ],
    ['complete', facts('ok', [step('a', 's', 'ok'), step('b', 's', 'ok')]), 'Complete: 2 steps with 2 calls.'],
    [
      'complete with a condition that was not true',
      facts('ok', [step('a', 's', 'ok'), step('b', 's', 'skipped')]),
      'Complete: 1 step with 2 calls; by its condition not run: b.',
    ],
    [
      'complete up to a bound',
      facts('ok', [step('a', 's', 'ok', { items: { total: 35, run: 20, failed: 0 } })]),
      'Complete: 1 step with 2 calls. Step a took the first 20 of 35 items.',
    ],
    [
      'complete without its output',
      facts('ok', [step('a', 's', 'ok')], {
        outputProblems: ['line 1: ${x}: no', 'line 3: ${y}: no', 'the output is longer than 9 characters and was cut'],
      }),
      'Complete: 1 step with 2 calls. But the output could not be written: lines 1, 3. But the output is longer than 9 characters and was cut.',
    ],
    [
      'failed, by the step that ended it',
      facts('failed', [
        step('a', 's', 'failed', { error: { code: 'forbidden', message: 'Not yours.', retryable: false } }),
        step('b', 't', 'failed', { error: { code: 'invalid_arguments', message: 'No path.', retryable: false } }),
        step('c', 't', 'not_run'),
      ]),
      'Failed: step b (t, fetch): No path. It could not see s (access is forbidden), t (the arguments do not fit), t (the run ended before). Saw nothing.',
    ],
    [
      'failed, by its time',
      facts(
        'failed',
        [
          step('a', 's', 'failed', { error: { code: 'forbidden', message: 'Not yours.', retryable: false } }),
          step('b', 't', 'ok'),
          step('c', 't', 'not_run'),
        ],
        { error: { code: 'timeout', message: 'The run took longer than its 9 s.', retryable: false } },
      ),
      'Failed: The run took longer than its 9 s. It could not see s (access is forbidden), t in step c (the run ended before). Saw: t.',
    ],
    [
      'failed',
      facts('failed', [
        step('a', 's', 'failed', { error: { code: 'invalid_arguments', message: 'No such path.', retryable: false } }),
        step('b', 't', 'not_run'),
      ]),
      'Failed: step a (s, fetch): No such path. It could not see s (the arguments do not fit), t (the run ended before). Saw nothing.',
    ],
    [
      'skipped once',
      facts('skipped', [], { skipped: { reason: 'overlap', count: 1, first: 'x', last: 'x' } }),
      'Skipped: it was not run, because the run before was still under way.',
    ],
    [
      'skipped in a row',
      facts('skipped', [], {
        skipped: { reason: 'missed', count: 3, first: '2027-03-01T07:00:00Z', last: '2027-03-03T07:00:00Z' },
      }),
      'Skipped: 3 occurrences from 2027-03-01T07:00:00Z to 2027-03-03T07:00:00Z were not run, because the agent was not running.',
    ],
    [
      'interrupted',
      facts('interrupted', []),
      'Interrupted: the agent ended while it ran, so it did not see everything.',
    ],
    ['a status of a newer agent', facts('paused', []), 'Ended as paused; whether it saw everything is not known.'],
  ] as const) {
    test(`summary - ${name} [P12]`, () => assert.equal(summarise(run), expected));
  }

  test('summary - a run with anything unseen never calls itself complete, whatever else it says [P12]', () => {
    const record = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      server: fc.constantFrom('mail', 'files'),
      outcome: fc.constantFrom(...stepOutcomes),
      error: fc.option(
        fc.record({ code: fc.constantFrom(...errorCodes), message: fc.string(), retryable: fc.boolean() }),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...runStatuses), fc.array(record, { maxLength: 5 }), (status, records) => {
        const steps = records.map(({ id, server, outcome, error }) =>
          step(id, server, outcome, error === undefined ? {} : { error }),
        );
        const run = facts(status, steps);
        const line = summarise(run);
        assert.ok(!line.includes('\n') && line.length > 0);
        const unseen = steps.some(({ outcome }) => outcome !== 'ok' && outcome !== 'skipped');
        assert.equal(run.blind.length > 0, unseen);
        if (unseen) assert.doesNotMatch(line, /^Complete|nothing (?:was )?found/i);
        if (unseen && status !== 'skipped') for (const { server } of run.blind) assert.ok(line.includes(server), line);
      }),
    );
  });

  test('summary - text of tools in it is one line, bounded and redacted [P6]', () => {
    const message = `first\nsecond password=hunter2hunter2 ${'x'.repeat(5_000)}`;
    const line = summarise(
      facts('failed', [step('a', 's', 'failed', { error: { code: 'execution_failed', message, retryable: false } })]),
    );
    assert.ok(line.length <= 1_000 && !line.includes('\n') && !line.includes('hunter2'));
  });

  test('summary - every error code has words of its own, and others have some', () => {
    const odd = errorCodes.filter((code) => blindReason(code) === blindReason('no such code'));
    assert.deepEqual(odd, ['handoff_refused', 'unsupported_version', 'invalid_request', 'internal']);
  });

  test('summary - a catch-up is owed for sign-in and consent, not for outages', () => {
    assert.equal(missedSignIn(sightOf([step('a', 's', 'blind', signIn)]).blind), true);
    assert.equal(missedSignIn(sightOf([step('a', 's', 'failed', away)]).blind), false);
  });

  test('summary - a step that is blind because of another names it', () => {
    const { blind } = sightOf([
      step('a', 'mail', 'blind', signIn),
      step('b', 'files', 'blind', { reason: 'it needs what was not seen: a' }),
    ]);
    assert.deepEqual(
      blind.map(({ reason }) => reason),
      ['sign-in is needed', 'it needs what was not seen: a'],
    );
  });
});

describe('run record - what is read of it', () => {
  test('run record - members and words of a newer agent are kept', () => {
    const record = {
      runId: 'r',
      patrol: 'p',
      trigger: 'webhook',
      status: 'paused',
      summary: 's',
      saw: [],
      blind: [],
      steps: [],
      budget: { calls: 0, callsPerRun: 1 },
      extra: 1,
    };
    assert.deepEqual(patrolRunSchema.parse(record), record);
  });
});
