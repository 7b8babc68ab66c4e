// Events in people's calendars: each participant holds a copy with the same iCalUId. Knows no path, query or policy.
import { addDays, instant, minutesLater, wallTime } from './days.ts';
import { entityTag, exchangeId, stableGuid } from './identity.ts';
import type { MessageBody } from './mailbox.ts';
import { plainText } from './mailbox.ts';
import type { Person, Recipient } from './people.ts';
import type { Tenant } from './tenant.ts';

export type EventTime = { dateTime: string; timeZone: string };
export type Answer = 'none' | 'organizer' | 'tentativelyAccepted' | 'accepted' | 'declined' | 'notResponded';
export type Attendee = Recipient & {
  type: 'required' | 'optional' | 'resource';
  status: { response: Answer; time: string };
};
export type Recurrence = {
  pattern: { type: 'daily' | 'weekly'; interval: number; daysOfWeek: string[] };
  range: { type: 'endDate'; startDate: string; endDate: string };
};

export type CalendarEvent = {
  '@odata.etag': string;
  id: string;
  createdDateTime: string;
  lastModifiedDateTime: string;
  subject: string;
  bodyPreview: string;
  body: MessageBody;
  start: EventTime;
  end: EventTime;
  location: { displayName: string; locationType: 'default' };
  isAllDay: boolean;
  isCancelled: boolean;
  isOrganizer: boolean;
  isOnlineMeeting: boolean;
  onlineMeetingProvider: 'teamsForBusiness' | 'unknown';
  onlineMeeting: { joinUrl: string } | null;
  organizer: Recipient;
  attendees: Attendee[];
  responseStatus: { response: Answer; time: string };
  showAs: 'free' | 'tentative' | 'busy' | 'oof';
  importance: 'low' | 'normal' | 'high';
  sensitivity: 'normal' | 'private';
  categories: string[];
  hasAttachments: boolean;
  isReminderOn: boolean;
  reminderMinutesBeforeStart: number;
  type: 'singleInstance' | 'seriesMaster' | 'occurrence';
  seriesMasterId: string | null;
  recurrence: Recurrence | null;
  iCalUId: string;
  webLink: string;
};

/** What somebody asks for when making an event. Times are instants; `guests` are addresses or recipients. */
export type EventPlan = {
  subject: string;
  start: Date;
  end: Date;
  guests?: Recipient[];
  body?: MessageBody;
  location?: string;
  isAllDay?: boolean;
  isOnlineMeeting?: boolean;
  recurrence?: Recurrence;
  fields?: Partial<Pick<CalendarEvent, 'showAs' | 'importance' | 'sensitivity' | 'categories' | 'isCancelled'>>;
  /** The answers that guests already gave, by address. */
  answers?: Record<string, Answer>;
};

const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const ZERO_TIME = '0001-01-01T00:00:00Z';

export function calendarOf(tenant: Tenant, person: Person): CalendarEvent[] {
  const calendar = tenant.calendars.get(person.id);
  if (!calendar) throw new Error(`${person.displayName} has no calendar.`);
  return calendar;
}

/** Puts the event into the calendars of the organiser and of internal guests. Returns the organiser's copy. */
export function schedule(tenant: Tenant, organizer: Person, plan: EventPlan, key?: string): CalendarEvent {
  const seed = key ?? `new-${tenant.sequence.next()}`;
  const guests = (plan.guests ?? []).filter((guest) => guest.emailAddress.address !== organizer.mail);
  const insiders = guests.flatMap((guest) => tenant.directory.find(guest.emailAddress.address) ?? []);
  for (const person of [organizer, ...insiders]) {
    const calendar = tenant.calendars.get(person.id);
    if (!calendar) continue;
    const first = buildEvent(tenant, { organizer, holder: person, guests, plan, seed });
    if (!plan.recurrence) calendar.push(first);
    else calendar.push(...expandSeries({ ...first, type: 'seriesMaster', recurrence: plan.recurrence }, plan));
  }
  const uid = eventUid(seed);
  const mine = calendarOf(tenant, organizer).find((event) => event.iCalUId === uid);
  if (!mine) throw new Error(`The event '${plan.subject}' did not reach its organiser's calendar.`);
  return mine;
}

/** Applies `fields` to every copy of the event that the organiser owns, or to this copy only for a guest. */
export function reschedule(tenant: Tenant, event: CalendarEvent, fields: Partial<CalendarEvent>): CalendarEvent {
  for (const copy of event.isOrganizer ? copiesOf(tenant, event) : [event]) {
    Object.assign(copy, fields, { lastModifiedDateTime: instant(tenant.clock()) });
    copy['@odata.etag'] = entityTag(copy.id, tenant.sequence.next());
    copy.bodyPreview = plainText(copy.body).replace(/\s+/g, ' ').trim().slice(0, 255);
  }
  return event;
}

/** Removes the event: everywhere when its organiser does it, else from this calendar only. A series goes as a whole. */
export function unschedule(tenant: Tenant, event: CalendarEvent): void {
  const doomed = new Set((event.isOrganizer ? copiesOf(tenant, event) : [event]).map((copy) => copy.id));
  for (const [personId, calendar] of tenant.calendars) {
    const left = calendar.filter((entry) => !doomed.has(entry.id) && !doomed.has(entry.seriesMasterId ?? ''));
    tenant.calendars.set(personId, left);
  }
}

/** Records `person`'s answer in every copy, so that the organiser sees it. */
export function answer(tenant: Tenant, person: Person, event: CalendarEvent, response: Answer): void {
  const status = { response, time: instant(tenant.clock()) };
  event.responseStatus = status;
  event.showAs = response === 'tentativelyAccepted' ? 'tentative' : response === 'declined' ? 'free' : 'busy';
  for (const copy of copiesOf(tenant, event)) {
    for (const attendee of copy.attendees) {
      if (attendee.emailAddress.address === person.mail) attendee.status = status;
    }
  }
}

/** What happens in [start, end): single events and occurrences, earliest first. */
export function eventsBetween(calendar: CalendarEvent[], start: Date, end: Date): CalendarEvent[] {
  return calendar
    .filter((event) => event.type !== 'seriesMaster')
    .filter((event) => startOf(event) < end && endOf(event) > start)
    .sort((a, b) => startOf(a).getTime() - startOf(b).getTime());
}

export function startOf(event: CalendarEvent): Date {
  return new Date(`${event.start.dateTime.slice(0, 19)}Z`);
}

export function endOf(event: CalendarEvent): Date {
  return new Date(`${event.end.dateTime.slice(0, 19)}Z`);
}

export function utcTime(moment: Date): EventTime {
  return { dateTime: wallTime(moment), timeZone: 'UTC' };
}

export function invite(recipient: Recipient): Attendee {
  return { type: 'required', status: { response: 'none', time: ZERO_TIME }, ...recipient };
}

function copiesOf(tenant: Tenant, event: CalendarEvent): CalendarEvent[] {
  return [...tenant.calendars.values()]
    .flat()
    .filter((copy) => copy.iCalUId === event.iCalUId && copy.start.dateTime === event.start.dateTime)
    .filter((copy) => copy.type === event.type);
}

function eventUid(seed: string): string {
  return stableGuid(`event/${seed}`).replaceAll('-', '').toUpperCase();
}

function buildEvent(
  tenant: Tenant,
  options: { organizer: Person; holder: Person; guests: Recipient[]; plan: EventPlan; seed: string },
): CalendarEvent {
  const { organizer, holder, guests, plan, seed } = options;
  const id = exchangeId(`${holder.id}/event/${seed}`);
  const isOrganizer = holder.id === organizer.id;
  const now = instant(tenant.clock());
  const answers = plan.answers ?? {};
  const body = plan.body ?? { contentType: 'text', content: '' };
  const joinUrl = `https://teams.microsoft.example/l/meetup-join/19%3ameeting_${eventUid(seed)}%40thread.v2/0`;
  const mine: Answer = isOrganizer ? 'organizer' : (answers[holder.mail] ?? 'notResponded');
  return {
    '@odata.etag': entityTag(id, 1),
    id,
    createdDateTime: now,
    lastModifiedDateTime: now,
    subject: plan.subject,
    bodyPreview: plainText(body).replace(/\s+/g, ' ').trim().slice(0, 255),
    body,
    start: utcTime(plan.start),
    end: utcTime(plan.end),
    location: { displayName: plan.location ?? (plan.isOnlineMeeting ? 'Teams' : ''), locationType: 'default' },
    isAllDay: plan.isAllDay ?? false,
    isCancelled: false,
    isOrganizer,
    isOnlineMeeting: plan.isOnlineMeeting ?? false,
    onlineMeetingProvider: plan.isOnlineMeeting ? 'teamsForBusiness' : 'unknown',
    onlineMeeting: plan.isOnlineMeeting ? { joinUrl } : null,
    organizer: tenant.directory.recipient(organizer.mail),
    attendees: guests.map((guest) => {
      const response = answers[guest.emailAddress.address] ?? 'none';
      return { ...invite(guest), status: { response, time: response === 'none' ? ZERO_TIME : now } };
    }),
    responseStatus: { response: mine, time: mine === 'notResponded' ? ZERO_TIME : now },
    showAs: mine === 'notResponded' || mine === 'tentativelyAccepted' ? 'tentative' : 'busy',
    importance: 'normal',
    sensitivity: 'normal',
    categories: [],
    hasAttachments: false,
    isReminderOn: true,
    reminderMinutesBeforeStart: 15,
    type: 'singleInstance',
    seriesMasterId: null,
    recurrence: null,
    iCalUId: eventUid(seed),
    webLink: `https://outlook.office365.example/owa/?itemid=${encodeURIComponent(id)}&path=/calendar/item`,
    ...plan.fields,
  };
}

/** The series master followed by its occurrences, at most a year of them. */
function expandSeries(master: CalendarEvent, plan: EventPlan): CalendarEvent[] {
  const { pattern, range } = plan.recurrence ?? {};
  if (!pattern || !range) return [master];
  const minutes = (plan.end.getTime() - plan.start.getTime()) / 60_000;
  const last = new Date(`${range.endDate}T23:59:59Z`);
  const firstWeek = addDays(plan.start, -plan.start.getUTCDay());
  const occurrences: CalendarEvent[] = [];
  for (let day = 0; day < 366; day++) {
    const start = addDays(plan.start, day);
    if (start > last) break;
    const week = Math.floor((start.getTime() - firstWeek.getTime()) / (7 * 86_400_000));
    const isDue =
      pattern.type === 'daily'
        ? day % pattern.interval === 0
        : week % pattern.interval === 0 && pattern.daysOfWeek.includes(DAY_NAMES[start.getUTCDay()] ?? '');
    if (!isDue) continue;
    const id = exchangeId(`${master.id}/${start.toISOString()}`);
    occurrences.push({
      ...master,
      '@odata.etag': entityTag(id, 1),
      id,
      type: 'occurrence',
      seriesMasterId: master.id,
      recurrence: null,
      start: utcTime(start),
      end: utcTime(minutesLater(start, minutes)),
      attendees: master.attendees.map((attendee) => ({ ...attendee })),
    });
  }
  return [master, ...occurrences];
}
