// Reads request bodies for messages, events and chats into the tenant's terms. Knows no route.
import { z } from 'zod';
import { utcTime, invite, type CalendarEvent, type EventPlan, type Recurrence } from '../tenant/agenda.ts';
import type { MessageFields } from '../tenant/mailbox.ts';
import type { Recipient } from '../tenant/people.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { ianaZone, toInstant } from '../tenant/zones.ts';
import { badRequest, GraphError } from './graph-error.ts';

const recipient = z.object({ emailAddress: z.object({ address: z.string().min(1), name: z.string().optional() }) });
const body = z.object({ contentType: z.string().default('text'), content: z.string() });

const messageBody = z.object({
  subject: z.string().optional(),
  body: body.optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  toRecipients: z.array(recipient).optional(),
  ccRecipients: z.array(recipient).optional(),
  bccRecipients: z.array(recipient).optional(),
  replyTo: z.array(recipient).optional(),
  isRead: z.boolean().optional(),
  categories: z.array(z.string()).optional(),
  flag: z.object({ flagStatus: z.enum(['notFlagged', 'flagged', 'complete']) }).optional(),
  attachments: z
    .array(
      z.object({
        name: z.string(),
        contentType: z.string().default('application/octet-stream'),
        contentBytes: z.string(),
      }),
    )
    .optional(),
});

const eventTime = z.object({ dateTime: z.string(), timeZone: z.string().default('UTC') });

const eventBody = z.object({
  subject: z.string().optional(),
  start: eventTime.optional(),
  end: eventTime.optional(),
  body: body.optional(),
  location: z.object({ displayName: z.string() }).optional(),
  attendees: z.array(recipient).optional(),
  isAllDay: z.boolean().optional(),
  isOnlineMeeting: z.boolean().optional(),
  onlineMeetingProvider: z.string().optional(),
  showAs: z.enum(['free', 'tentative', 'busy', 'oof']).optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  sensitivity: z.enum(['normal', 'private']).optional(),
  categories: z.array(z.string()).optional(),
  recurrence: z
    .object({
      pattern: z.object({
        type: z.enum(['daily', 'weekly']),
        interval: z.number().int().positive().default(1),
        daysOfWeek: z.array(z.string()).default([]),
      }),
      range: z.object({ type: z.literal('endDate'), startDate: z.string(), endDate: z.string() }),
    })
    .nullish(),
});

export type NewFile = { name: string; contentType: string; bytes: Buffer };

export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badRequest(`Property ${issue?.path.join('/') || '(body)'} is invalid: ${issue?.message}.`, 'RequestBodyRead');
}

export function readMessage(tenant: Tenant, value: unknown): { fields: MessageFields; files: NewFile[] } {
  const {
    attachments = [],
    body: text,
    toRecipients,
    ccRecipients,
    bccRecipients,
    replyTo,
    ...rest
  } = parseBody(messageBody, value);
  const fields: MessageFields = withoutUndefined(rest);
  if (text) fields.body = { contentType: /html/i.test(text.contentType) ? 'html' : 'text', content: text.content };
  const named = (list: z.infer<typeof recipient>[]): Recipient[] =>
    list.map(({ emailAddress }) => {
      const known = tenant.directory.recipient(emailAddress.address);
      return emailAddress.name && known.emailAddress.name === emailAddress.address
        ? { emailAddress: { name: emailAddress.name, address: emailAddress.address } }
        : known;
    });
  if (toRecipients) fields.toRecipients = named(toRecipients);
  if (ccRecipients) fields.ccRecipients = named(ccRecipients);
  if (bccRecipients) fields.bccRecipients = named(bccRecipients);
  if (replyTo) fields.replyTo = named(replyTo);
  const files = attachments.map((file) => ({ ...file, bytes: Buffer.from(file.contentBytes, 'base64') }));
  return { fields, files };
}

export function readNewEvent(tenant: Tenant, value: unknown): EventPlan {
  const event = parseBody(eventBody, value);
  if (!event.start || !event.end) throw badRequest('An event needs a start and an end.', 'ErrorInvalidRequest');
  const [start, end] = [readTime(event.start), readTime(event.end)];
  if (end < start) throw badRequest('The end of the event is before its start.', 'ErrorPropertyValidationFailure');
  const plan: EventPlan = {
    subject: event.subject ?? '',
    start,
    end,
    guests: (event.attendees ?? []).map(({ emailAddress }) => tenant.directory.recipient(emailAddress.address)),
    isAllDay: event.isAllDay ?? false,
    isOnlineMeeting: event.isOnlineMeeting ?? false,
    fields: withoutUndefined({
      showAs: event.showAs,
      importance: event.importance,
      sensitivity: event.sensitivity,
      categories: event.categories,
    }),
  };
  if (event.body)
    plan.body = { contentType: /html/i.test(event.body.contentType) ? 'html' : 'text', content: event.body.content };
  if (event.location) plan.location = event.location.displayName;
  if (event.recurrence) plan.recurrence = event.recurrence satisfies Recurrence;
  return plan;
}

export function readEventChange(tenant: Tenant, value: unknown, current: CalendarEvent): Partial<CalendarEvent> {
  const {
    start,
    end,
    body: text,
    location,
    attendees,
    recurrence: _recurrence,
    onlineMeetingProvider: _provider,
    ...rest
  } = parseBody(eventBody, value);
  const fields: Partial<CalendarEvent> = withoutUndefined(rest);
  if (start) fields.start = utcTime(readTime(start));
  if (end) fields.end = utcTime(readTime(end));
  if (text) fields.body = { contentType: /html/i.test(text.contentType) ? 'html' : 'text', content: text.content };
  if (location) fields.location = { displayName: location.displayName, locationType: 'default' };
  if (attendees) {
    fields.attendees = attendees.map(({ emailAddress }) => {
      const known = current.attendees.find((guest) => guest.emailAddress.address === emailAddress.address);
      return known ?? invite(tenant.directory.recipient(emailAddress.address));
    });
  }
  return fields;
}

/** Throws a `GraphError` 400 for a zone or a time that cannot be read. */
export function readTime(time: { dateTime: string; timeZone: string }): Date {
  const zone = ianaZone(time.timeZone);
  if (!zone)
    throw new GraphError(
      400,
      'TimeZoneNotSupportedException',
      `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${time.timeZone}'.`,
    );
  const moment = toInstant(time.dateTime, zone);
  if (!moment) throw badRequest(`The value '${time.dateTime}' is not a date.`, 'ErrorInvalidParameter');
  return moment;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Present<T>;
}
