// Patrols and their runs as an agent tells of them, for tests of what shows them.
import type { ListedPatrol, PatrolRun, StepRecord } from '../../shared/contract/patrol-messages.ts';

export const someMail = {
  content: [
    {
      type: 'text',
      text: JSON.stringify({
        value: [{ id: 'm1', subject: 'Quarterly numbers', receivedDateTime: '2027-03-01T06:00:00Z', isRead: false }],
      }),
    },
  ],
};

export function stepRecord(more: Partial<StepRecord> = {}): StepRecord {
  return {
    id: 'mail',
    server: 'workiq',
    tool: 'fetch',
    outcome: 'ok',
    startedAt: '2027-03-01T06:45:00Z',
    durationMs: 1_200,
    calls: 1,
    ...more,
  };
}

export function patrolRun(more: Partial<PatrolRun> = {}): PatrolRun {
  return {
    runId: '20270301T064500Z-0123456789ab',
    patrol: 'morning',
    trigger: 'schedule',
    status: 'ok',
    occurrenceId: 'morning@2027-03-01T06:45:00Z',
    scheduledAt: '2027-03-01T06:45:00Z',
    startedAt: '2027-03-01T06:45:00Z',
    endedAt: '2027-03-01T06:45:02Z',
    durationMs: 2_000,
    summary: 'Complete: 1 step with 1 call.',
    saw: ['workiq'],
    blind: [],
    steps: [stepRecord()],
    budget: { calls: 1, callsPerRun: 50, callsToday: 3 },
    output: 'Unread, at most 25: 1',
    ...more,
  };
}

/** Saw its mail and not its calendar. */
export function blindRun(more: Partial<PatrolRun> = {}): PatrolRun {
  return patrolRun({
    runId: '20270301T074500Z-0123456789ac',
    occurrenceId: 'morning@2027-03-01T07:45:00Z',
    scheduledAt: '2027-03-01T07:45:00Z',
    startedAt: '2027-03-01T07:45:00Z',
    endedAt: '2027-03-01T07:45:02Z',
    status: 'blind',
    summary: 'Blind: could not see calendar (sign-in is needed). Saw: workiq.',
    blind: [{ server: 'calendar', step: 'today', code: 'auth_required', reason: 'sign-in is needed' }],
    steps: [
      stepRecord({ startedAt: '2027-03-01T07:45:00Z' }),
      stepRecord({
        id: 'today',
        server: 'calendar',
        tool: 'list_events',
        outcome: 'blind',
        calls: 0,
        durationMs: undefined,
        startedAt: undefined,
        error: {
          code: 'auth_required',
          message: 'The sign-in has ended.',
          retryable: false,
          action: 'Sign in again.',
        },
      }),
    ],
    output: 'Unread, at most 25: 1\n(not seen: today)',
    ...more,
  });
}

export function listedPatrol(more: Partial<ListedPatrol> = {}): ListedPatrol {
  return {
    name: 'morning',
    description: 'Mail and calendar of the day',
    enabled: true,
    valid: true,
    problems: [],
    schedule: { cron: '45 7 * * 1-5', timeZone: 'Europe/Berlin' },
    nextRunAt: '2027-03-02T06:45:00Z',
    lastRun: patrolRun(),
    steps: [{ id: 'mail', server: 'workiq', tool: 'fetch' }],
    ...more,
  };
}
