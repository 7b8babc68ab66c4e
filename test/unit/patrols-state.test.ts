// The machine of a patrol's occurrences: each leaves it exactly once, run or skipped; catching up after a sign-in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planAfterDowntime, type DowntimePlan } from '../../shared/patrols/downtime-plan.ts';
import {
  newPatrolState,
  patrolStateSchema,
  reducePatrol,
  type PatrolAction,
  type PatrolEvent,
  type PatrolRules,
  type PatrolState,
} from '../../shared/patrols/patrol-state.ts';
import { createTimetable, type Occurrence } from '../../shared/patrols/timetable.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const skipAll: PatrolRules = { enabled: true, overlap: 'skip', missed: 'skip', catchUp: false };
const nothingMissed: DowntimePlan = { complete: true, handledUpTo: 0, skipped: undefined, run: undefined };

function occurrence(minute: number): Occurrence {
  return { id: `p@${minute}`, patrol: 'p', scheduledAt: minute, startsAt: minute };
}

function due(minute: number): PatrolEvent {
  return { type: 'due', occurrence: occurrence(minute) };
}

const ended = (missedSignIn = false): PatrolEvent => ({ type: 'ended', missedSignIn });

/** What each event of a row leads to, in short. */
function said(events: readonly PatrolEvent[], rules: Partial<PatrolRules> = {}): string[] {
  let state = newPatrolState(0);
  return events.map((event) => {
    const step = reducePatrol(state, event, { ...skipAll, ...rules });
    state = step.state;
    return step.actions.map(shortly).join(', ');
  });
}

function shortly(action: PatrolAction): string {
  if (action.type === 'run')
    return `run ${action.trigger}${action.occurrence === undefined ? '' : ` ${action.occurrence.scheduledAt}`}`;
  return action.type === 'skip'
    ? `skip ${action.reason} ${action.span.first.scheduledAt}x${action.span.count}`
    : action.type;
}

describe('patrol state - what comes of events', () => {
  for (const [name, rules, events, expected] of [
    ['a run, and the next after it', {}, [due(1), ended(), due(2)], ['run schedule 1', '', 'run schedule 2']],
    [
      'overlap skips',
      {},
      [due(1), due(2), ended(), due(3)],
      ['run schedule 1', 'skip overlap 2x1', '', 'run schedule 3'],
    ],
    [
      'overlap queues one',
      { overlap: 'queue' },
      [due(1), due(2), due(3), ended(), ended()],
      ['run schedule 1', '', 'skip overlap 3x1', 'run schedule 2', ''],
    ],
    ['disabled', { enabled: false }, [due(1), { type: 'runRequested' }], ['skip disabled 1x1', 'run manual']],
    ['by hand while it runs', {}, [due(1), { type: 'runRequested' }], ['run schedule 1', 'refuse']],
    [
      'catching up',
      { catchUp: true },
      [due(1), ended(true), { type: 'signedIn' }, ended(), { type: 'signedIn' }],
      ['run schedule 1', '', 'run catchUp', '', ''],
    ],
    ['no catching up unless it says so', {}, [due(1), ended(true), { type: 'signedIn' }], ['run schedule 1', '', '']],
    [
      'no catching up for what saw everything',
      { catchUp: true },
      [due(1), ended(), { type: 'signedIn' }],
      ['run schedule 1', '', ''],
    ],
    [
      'catching up once for many',
      { catchUp: true },
      [due(1), ended(true), due(2), ended(true), { type: 'signedIn' }, ended()],
      ['run schedule 1', '', 'run schedule 2', '', 'run catchUp', ''],
    ],
    [
      'a sign-in during a run that could not see',
      { catchUp: true },
      [due(1), { type: 'signedIn' }, ended(true), ended()],
      ['run schedule 1', '', 'run catchUp', ''],
    ],
    [
      'a sign-in during a run that could',
      { catchUp: true },
      [due(1), { type: 'signedIn' }, ended()],
      ['run schedule 1', '', ''],
    ],
    [
      'what waits catches up as well',
      { catchUp: true, overlap: 'queue' },
      [due(1), due(2), { type: 'signedIn' }, ended(true), ended()],
      ['run schedule 1', '', '', 'run schedule 2', ''],
    ],
    [
      'a sign-in that did not help',
      { catchUp: true },
      [due(1), ended(true), { type: 'signedIn' }, ended(true), { type: 'signedIn' }],
      ['run schedule 1', '', 'run catchUp', '', 'run catchUp'],
    ],
    [
      'disabled while one waits',
      { overlap: 'queue' },
      [due(1), due(2), { type: 'disabled' }, ended()],
      ['run schedule 1', '', 'skip disabled 2x1', ''],
    ],
  ] as [string, Partial<PatrolRules>, PatrolEvent[], string[]][]) {
    test(`patrol state - ${name}`, () => assert.deepEqual(said(events, rules), expected));
  }

  test('patrol state - after a restart nothing runs, what waited is missed, and what is owed stays owed', () => {
    const started = (rules: Partial<PatrolRules>, plan: DowntimePlan = nothingMissed): string[] =>
      said([due(1), due(2), { type: 'started', plan }, ended(), due(3)], { overlap: 'queue', ...rules });
    assert.deepEqual(started({}), ['run schedule 1', '', 'skip missed 2x1', '', 'run schedule 3']);
    assert.deepEqual(started({ missed: 'runOnce' }), ['run schedule 1', '', 'run schedule 2', '', 'run schedule 3']);
    assert.deepEqual(
      said([due(1), ended(true), { type: 'started', plan: nothingMissed }, { type: 'signedIn' }], { catchUp: true }).at(
        -1,
      ),
      'run catchUp',
    );
  });

  test('patrol state - it is kept as JSON', () => {
    const { state } = reducePatrol(reducePatrol(newPatrolState(5), due(6), skipAll).state, due(7), {
      ...skipAll,
      overlap: 'queue',
    });
    assert.deepEqual(patrolStateSchema.parse(JSON.parse(JSON.stringify(state))), state);
    assert.equal(patrolStateSchema.safeParse({ handledUpTo: 'x' }).success, false);
  });
});

describe('patrol state - every occurrence is accounted for once', () => {
  test('patrol state - over restarts, sign-ins, slow runs and changes of the rules', () => {
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.constant('tick' as const) },
      { weight: 3, arbitrary: fc.constantFrom('end' as const, 'endBlind' as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'restart' as const,
          'signIn' as const,
          'hand' as const,
          'disable' as const,
          'enable' as const,
        ),
      },
    );
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 60 }),
        fc.record({
          overlap: fc.constantFrom('skip', 'queue'),
          missed: fc.constantFrom('skip', 'runOnce'),
          catchUp: fc.boolean(),
        }),
        fc.integer({ min: 0, max: 1800 }),
        (actions, rest, jitterSeconds) => {
          const table = createTimetable({
            patrol: 'p',
            schedule: { cron: '*/30 * * * *', timeZone: 'Europe/Berlin', jitterSeconds },
          });
          const start = Date.parse('2027-03-27T20:00Z');
          let rules: PatrolRules = { enabled: true, ...(rest as Omit<PatrolRules, 'enabled'>) };
          let now = start;
          let state: PatrolState = newPatrolState(start);
          const accounted: string[] = [];
          const dispatch = (event: PatrolEvent): void => {
            const step = reducePatrol(state, event, rules);
            assert.ok(step.actions.filter(({ type }) => type === 'run').length <= 1);
            for (const one of step.actions) {
              if (one.type === 'run' && one.occurrence !== undefined) accounted.push(one.occurrence.id);
              if (one.type === 'skip') {
                const { count, first, last } = one.span;
                const ids = [...table.between(first.scheduledAt - 1, last.scheduledAt)].map(({ id }) => id);
                // A span leaves out what was run in between, so that its count can be smaller only.
                assert.equal(ids.length, count);
                accounted.push(...ids);
              }
            }
            state = patrolStateSchema.parse(JSON.parse(JSON.stringify(step.state)));
          };
          const catchUpWithTime = (): void => {
            for (
              let next = table.next(state.handledUpTo);
              next !== undefined && next.startsAt <= now;
              next = table.next(state.handledUpTo)
            )
              dispatch({ type: 'due', occurrence: next });
          };
          for (const one of actions) {
            if (one === 'restart') {
              now += 5 * 3_600_000;
              dispatch({
                type: 'started',
                plan: planAfterDowntime({
                  timetable: table,
                  lastHandled: state.handledUpTo,
                  now,
                  missed: rules.missed,
                }),
              });
            } else {
              now += 17 * 60_000;
              catchUpWithTime();
            }
            if ((one === 'end' || one === 'endBlind') && state.running)
              dispatch({ type: 'ended', missedSignIn: one === 'endBlind' });
            if (one === 'signIn') dispatch({ type: 'signedIn' });
            if (one === 'hand') dispatch({ type: 'runRequested' });
            if (one === 'disable') {
              rules = { ...rules, enabled: false };
              dispatch({ type: 'disabled' });
            }
            if (one === 'enable') rules = { ...rules, enabled: true };
          }
          const waiting = state.waiting === undefined ? [] : [state.waiting.id];
          const all = [...table.between(start, now)].filter(({ startsAt }) => startsAt <= now).map(({ id }) => id);
          assert.deepEqual([...accounted, ...waiting].sort(), all.sort());
        },
      ),
      { numRuns: 300 },
    );
  });
});
