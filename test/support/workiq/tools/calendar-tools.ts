// The catalogue's calendar tools over the simulated Graph. Knows no HTTP and no framing.
import type { Entity } from '../graph/filter.ts';
import type { Attendee } from '../tenant/agenda.ts';
import { CALENDAR_TOOLS } from './calendar-definitions.ts';
import { asSentence, asText } from './catalogue-answer.ts';
import { CatalogueFailure, createCatalogueServer, type CatalogueHandler, type RunGraph } from './catalogue-server.ts';
import { textOf, textsOf, type ToolArguments } from './tool.ts';
import type { ToolCall, ToolServer } from './tool-call.ts';

const DAY_MS = 86_400_000;

export function createCalendarServer(): ToolServer {
  return createCatalogueServer({ name: 'mcp_CalendarTools', definitions: CALENDAR_TOOLS, handlers: HANDLERS });
}

const HANDLERS: Record<string, CatalogueHandler> = {
  ListEvents: (call, run) => {
    const { args } = call;
    const title = textOf(args, 'meetingTitle')?.toLowerCase();
    const guests = textsOf(args, 'attendeeEmails')?.map((address) => address.toLowerCase());
    const [start, end] = [textOf(args, 'startDateTime'), textOf(args, 'endDateTime')];
    const filter = [
      start && `end/dateTime ge '${asGraphTime(start)}'`,
      end && `start/dateTime lt '${asGraphTime(end)}'`,
    ].filter(Boolean);
    const query = options(
      { $filter: filter.join(' and ') || undefined, ...paging(args) },
      'subject,start,end,location,organizer,isAllDay,attendees',
    );
    return asText(
      call,
      narrowed(run('fetch', `${home(args)}/events?${query}`), (event) => {
        const attendees = (event['attendees'] as Attendee[] | undefined) ?? [];
        const addresses = attendees.map((guest) => guest.emailAddress.address);
        const hasTitle = !title || String(event['subject']).toLowerCase().includes(title);
        return hasTitle && (!guests || guests.every((guest) => addresses.includes(guest)));
      }),
    );
  },
  ListCalendarView: (call, run) => {
    const { args } = call;
    const now = call.tenant.clock().getTime();
    const window = {
      startDateTime: textOf(args, 'startDateTime') ?? new Date(now).toISOString(),
      endDateTime: textOf(args, 'endDateTime') ?? new Date(now + 7 * DAY_MS).toISOString(),
    };
    const subject = textOf(args, 'subject')?.toLowerCase();
    const view = run('fetch', `${home(args)}/calendarView?${options({ ...window, ...paging(args) })}`);
    return asText(
      call,
      narrowed(view, (event) => !subject || String(event['subject']).toLowerCase().includes(subject)),
    );
  },
  CreateEvent: (call, run) => {
    const { args } = call;
    const attendees = (textsOf(args, 'attendeeEmails') ?? []).map(recipient);
    return asText(call, run('create', '/me/events', { ...eventFields(args), attendees }));
  },
  UpdateEvent: (call, run) => {
    const { args } = call;
    const url = eventUrl(args);
    const body = eventFields(args);
    const [added, removed] = [textsOf(args, 'attendeesToAdd'), textsOf(args, 'attendeesToRemove')];
    if (added || removed) {
      const current = (run('fetch', url)['attendees'] as Attendee[]).map((guest) => guest.emailAddress.address);
      const left = current.filter((address) => !removed?.includes(address));
      body['attendees'] = [...new Set([...left, ...(added ?? [])])].map(recipient);
    }
    return asText(call, run('update', url, body));
  },
  DeleteEventById: (call, run) => {
    run('delete', eventUrl(call.args));
    return asSentence(call, 'Event deleted successfully.');
  },
  FindMeetingTimes: (call, run) => {
    const { args } = call;
    const now = call.tenant.clock().getTime();
    const timeZone = textOf(args, 'timeZone') ?? 'UTC';
    const start = textOf(args, 'startDateTime') ?? new Date(now).toISOString();
    const end = textOf(args, 'endDateTime') ?? new Date(now + 7 * DAY_MS).toISOString();
    return asText(
      call,
      run('action', '/me/findMeetingTimes', {
        attendees: (textsOf(args, 'attendeeEmails') ?? []).map(recipient),
        timeConstraint: { timeSlots: [{ start: { dateTime: start, timeZone }, end: { dateTime: end, timeZone } }] },
        meetingDuration: textOf(args, 'meetingDuration') ?? 'PT30M',
        ...(args['maxCandidates'] ? { maxCandidates: args['maxCandidates'] } : {}),
      }),
    );
  },
  AcceptEvent: (call, run) => act(call, run, 'accept', 'Event accepted successfully.'),
  TentativelyAcceptEvent: (call, run) =>
    act(call, run, 'tentativelyAccept', 'Event tentatively accepted successfully.'),
  DeclineEvent: (call, run) => act(call, run, 'decline', 'Event declined successfully.'),
  CancelEvent: (call, run) => act(call, run, 'cancel', 'Event cancelled successfully.'),
  ForwardEvent: (call, run) =>
    act(call, run, 'forward', 'Event forwarded successfully.', {
      toRecipients: (textsOf(call.args, 'recipientEmails') ?? []).map(recipient),
    }),
  GetUserDateAndTimeZoneSettings: (call, run) => asText(call, run('fetch', '/me/mailboxSettings')),
  GetRooms: (call) =>
    asText(call, {
      value: [
        { displayName: 'Room Alder', emailAddress: 'alder@contoso.example', capacity: 6, building: '18' },
        { displayName: 'Room Birch', emailAddress: 'birch@contoso.example', capacity: 12, building: '18' },
      ],
    }),
  GetOnlineMeetingTranscripts: (call) => missingRecording(call),
  GetOnlineMeetingAiInsights: (call) => missingRecording(call),
  GetOnlineMeetingAttendanceReports: (call) => missingRecording(call),
};

function act(call: ToolCall, run: RunGraph, action: string, sentence: string, body: Entity = {}) {
  run('action', `${eventUrl(call.args)}/${action}`, { comment: textOf(call.args, 'comment') ?? '', ...body });
  return asSentence(call, sentence);
}

/** No meeting of the simulated tenant was recorded. */
function missingRecording(call: ToolCall): never {
  const url = textOf(call.args, 'joinWebUrl') ?? '';
  throw new CatalogueFailure({
    error: { code: 'NotFound', message: `The meeting ${url} was not recorded: there is nothing to show.` },
  });
}

function eventFields(args: ToolArguments): Entity {
  const fields: Entity = {};
  const timeZone = textOf(args, 'timeZone') ?? 'UTC';
  for (const name of ['subject', 'isOnlineMeeting', 'isAllDay'])
    if (args[name] !== undefined) fields[name] = args[name];
  const [start, end] = [textOf(args, 'startDateTime'), textOf(args, 'endDateTime')];
  if (start) fields['start'] = { dateTime: start, timeZone };
  if (end) fields['end'] = { dateTime: end, timeZone };
  const content = textOf(args, 'bodyContent');
  if (content !== undefined) fields['body'] = { contentType: textOf(args, 'bodyContentType') ?? 'Text', content };
  const location = textOf(args, 'location');
  if (location !== undefined) fields['location'] = { displayName: location };
  return fields;
}

function narrowed(data: Entity, keep: (event: Entity) => boolean): Entity {
  return { ...data, value: (data['value'] as Entity[]).filter(keep) };
}

function paging(args: ToolArguments): Record<string, string | undefined> {
  const top = args['top'];
  return {
    $select: textOf(args, 'select'),
    $orderby: textOf(args, 'orderby'),
    $top: typeof top === 'number' ? String(top) : undefined,
  };
}

function options(given: Record<string, string | undefined>, defaultSelect?: string): string {
  const all: Record<string, string | undefined> = { ...given };
  if (defaultSelect) all['$select'] ??= defaultSelect;
  return Object.entries(all)
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`))
    .join('&');
}

/** Event times compare as text in Graph's own form. */
function asGraphTime(text: string): string {
  const moment = new Date(/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(moment.getTime())) throw new CatalogueFailure(`'${text}' is not an ISO 8601 time.`);
  return moment.toISOString().slice(0, 19);
}

function home(args: ToolArguments): string {
  const user = textOf(args, 'userIdentifier');
  return !user || user === 'me' ? '/me' : `/users/${encodeURIComponent(user)}`;
}

function eventUrl(args: ToolArguments): string {
  return `/me/events/${encodeURIComponent(textOf(args, 'eventId') ?? '')}`;
}

function recipient(address: string) {
  return { emailAddress: { address } };
}
