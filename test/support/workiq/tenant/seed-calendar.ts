// The meetings of the simulated tenant, last week to the next two. Content only; mails and chats refer to what it returns.
import { schedule, type Answer, type CalendarEvent, type EventPlan } from './agenda.ts';
import { addDays, at, minutesLater, type Days } from './days.ts';
import type { Tenant } from './tenant.ts';

/** The meetings that mails and chats talk about. */
export type Meetings = {
  standUp: CalendarEvent;
  budgetReview: CalendarEvent;
  contractWalkthrough: CalendarEvent;
  goNoGo: CalendarEvent;
  lockboxReview: CalendarEvent;
  incidentReview: CalendarEvent;
  fabrikamCall: CalendarEvent;
  securityTraining: CalendarEvent;
  offsite: CalendarEvent;
  interview: CalendarEvent;
  allHands: CalendarEvent;
};

type Options = Omit<EventPlan, 'subject' | 'start' | 'end' | 'guests' | 'body' | 'answers'> & {
  text?: string;
  answers?: Record<string, Answer>;
};

export function seedCalendar(tenant: Tenant, days: Days): Meetings {
  const { directory } = tenant;
  const teams = { isOnlineMeeting: true };

  /** Guests accept unless `answers` says otherwise; `minutes` is the length. */
  const meet = (
    key: string,
    organizer: string,
    start: Date,
    minutes: number,
    subject: string,
    guests: string[],
    options: Options = {},
  ): CalendarEvent => {
    const { text, answers, ...rest } = options;
    const recipients = guests.map((guest) => directory.recipient(guest));
    const byAddress = Object.fromEntries(
      guests.map((guest) => [directory.recipient(guest).emailAddress.address, answers?.[guest] ?? 'accepted']),
    ) as Record<string, Answer>;
    const plan: EventPlan = { subject, start, end: minutesLater(start, minutes), guests: recipients, ...rest };
    if (text) plan.body = { contentType: 'html', content: `<p>${text}</p>` };
    return schedule(tenant, directory.named(organizer), { ...plan, answers: byAddress }, key);
  };

  const day = days.workday;
  const firstStandUp = at(day(-5), '08:30');
  const standUp = meet('stand-up', 'rob', firstStandUp, 15, 'Stand-up', ['adele', 'grady', 'lee'], {
    ...teams,
    text: 'What is in the way? Two minutes each, details afterwards in the Project X chat.',
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] },
      range: {
        type: 'endDate',
        startDate: firstStandUp.toISOString().slice(0, 10),
        endDate: day(10).toISOString().slice(0, 10),
      },
    },
  });

  meet(
    'retro-last',
    'rob',
    at(day(-5), '13:00'),
    60,
    'Project X sprint retrospective',
    ['adele', 'grady', 'lee'],
    teams,
  );
  meet('rob-adele-last', 'rob', at(day(-4), '10:00'), 30, '1:1 Rob / Adele', ['adele'], teams);
  meet('lee-welcome', 'adele', at(day(-3), '11:00'), 45, 'Pairing: first pull request with Lee', ['lee'], {
    location: 'Room Alder, 18/2110',
  });
  const lockboxReview = meet(
    'lockbox',
    'adele',
    at(day(-2), '10:00'),
    60,
    'Lockbox design review',
    ['grady', 'lee', 'rob'],
    {
      ...teams,
      text: 'We go through Specs/Lockbox design.md and decide on the pilot group.',
    },
  );
  const incidentReview = meet(
    'incident',
    'grady',
    at(day(-1), '15:00'),
    45,
    'Incident review: sign-in outage',
    ['adele', 'rob'],
    { ...teams, text: 'Blameless, please bring the timeline. Action items end up in Specs/Incident 4711.md.' },
  );

  meet('focus', 'adele', at(day(0), '13:00'), 120, 'Focus time: release notes', [], { fields: { showAs: 'busy' } });
  meet('lunch', 'johanna', at(day(0), '11:30'), 60, 'Lunch with Johanna', ['adele'], { location: 'Café Nord' });
  meet('rob-adele', 'rob', at(day(0), '15:30'), 30, '1:1 Rob / Adele', ['adele'], {
    ...teams,
    text: 'Go/no-go preparation, and your vacation days.',
  });
  meet('vendor', 'grady', at(day(1), '09:00'), 30, 'Canceled: Northwind vendor sync', ['adele', 'sam'], {
    ...teams,
    fields: { isCancelled: true, showAs: 'free' },
  });
  const contractWalkthrough = meet(
    'contract',
    'megan',
    at(day(1), '14:00'),
    60,
    'Fabrikam contract walkthrough',
    ['adele', 'isaiah', 'priya'],
    { ...teams, text: 'Contract draft v3, chapter by chapter. Adele covers the annex on data retention.' },
  );
  meet('dentist', 'adele', at(day(2), '07:00'), 60, 'Dentist', [], {
    location: 'Dr. Müller',
    fields: { sensitivity: 'private', showAs: 'oof' },
  });
  meet('lee-month', 'adele', at(day(2), '13:00'), 30, "Lee's first weeks: check-in", ['lee', 'diego'], teams);
  const interview = meet(
    'interview',
    'diego',
    at(day(3), '10:00'),
    60,
    'Interview: backend engineer (Sofia N.)',
    ['adele', 'grady'],
    { ...teams, answers: { adele: 'notResponded' } },
  );
  const fabrikamCall = meet(
    'fabrikam',
    'isaiah',
    at(day(3), '15:00'),
    45,
    'Fabrikam quarterly call',
    ['adele', 'megan', 'priya'],
    {
      ...teams,
      answers: { adele: 'tentativelyAccepted' },
    },
  );
  const securityTraining = meet(
    'training',
    'diego',
    at(day(4), '09:30'),
    90,
    'Security training (mandatory)',
    ['adele', 'lee', 'megan', 'rob'],
    {
      ...teams,
      answers: { adele: 'notResponded', lee: 'notResponded' },
    },
  );
  const goNoGo = meet(
    'go-no-go',
    'adele',
    at(day(5), '12:30'),
    60,
    'Project X go/no-go',
    ['rob', 'megan', 'grady', 'lee'],
    {
      ...teams,
      text: 'Decision on the release. Inputs: release notes, open incidents, support readiness.',
      fields: { importance: 'high' },
    },
  );
  meet('planning', 'rob', at(day(6), '12:00'), 90, 'Sprint planning', ['adele', 'grady', 'lee'], teams);
  const allHands = meet(
    'all-hands',
    'patti',
    at(day(7), '16:00'),
    60,
    'All-hands: year in review',
    ['adele', 'rob', 'megan', 'lee', 'grady', 'diego', 'isaiah', 'johanna', 'alex'],
    {
      ...teams,
      answers: { adele: 'notResponded' },
    },
  );
  const offsite = meet(
    'offsite',
    'rob',
    addDays(days.next(4), 7),
    2 * 24 * 60,
    'Team offsite, Lake House',
    ['adele', 'grady', 'lee'],
    {
      isAllDay: true,
      location: 'Lake House, Seeufer 4',
      fields: { showAs: 'oof' },
    },
  );

  const thursday = days.next(4);
  const budgetReview = meet(
    'budget',
    'rob',
    at(thursday, '12:00'),
    60,
    'Budget review',
    ['adele', 'megan', 'patti', 'johanna'],
    {
      ...teams,
      text: `Budget ${days.now.getUTCFullYear() + 1}. Please read the workbook beforehand; numbers freeze the evening before.`,
    },
  );

  const freeDay = days.isWeekend ? days.today : days.next(6);
  meet('climbing', 'johanna', at(freeDay, '14:00'), 120, 'Climbing with Johanna', ['adele'], {
    location: 'Boulderhalle Süd',
  });

  meet('leadership', 'patti', at(day(0), '09:30'), 60, 'Leadership sync', ['rob', 'megan'], teams);
  meet('campaign', 'megan', at(day(2), '09:00'), 45, 'Project X campaign kick-off', ['alex', 'isaiah'], teams);
  meet('megan-out', 'megan', day(-3), 24 * 60, 'Megan out of office', [], {
    isAllDay: true,
    fields: { showAs: 'oof' },
  });

  return {
    standUp,
    budgetReview,
    contractWalkthrough,
    goNoGo,
    lockboxReview,
    incidentReview,
    fabrikamCall,
    securityTraining,
    offsite,
    interview,
    allHands,
  };
}
