// Graph actions with side effects: send, reply, forward, move, answer an invitation, find a free slot.
import { z } from 'zod';
import { answer, calendarOf, eventsBetween, reschedule, unschedule, utcTime, type Answer } from '../tenant/agenda.ts';
import { draftReply, send, type ReplyKind } from '../tenant/post-office.ts';
import type { Message } from '../tenant/mailbox.ts';
import { minutesLater } from '../tenant/days.ts';
import { parseBody, readMessage, readTime } from './bodies.ts';
import { attachAll } from './changes.ts';
import type { Effect, GraphAnswer, GraphCall, RouteTable } from './graph-call.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { myEvent, myFolder, myMailbox, myMessage } from './own.ts';

const replyBody = z.object({
  comment: z.string().optional(),
  message: z.unknown().optional(),
  toRecipients: z
    .array(z.object({ emailAddress: z.object({ address: z.string(), name: z.string().optional() }) }))
    .optional(),
});
const time = z.object({ dateTime: z.string(), timeZone: z.string().default('UTC') });
const meetingTimes = z.object({
  attendees: z.array(z.object({ emailAddress: z.object({ address: z.string() }) })).default([]),
  timeConstraint: z.object({ timeSlots: z.array(z.object({ start: time, end: time })).min(1) }).optional(),
  meetingDuration: z.string().default('PT30M'),
  maxCandidates: z.number().int().positive().default(5),
});
const scheduleBody = z.object({ schedules: z.array(z.string()).min(1), startTime: time, endTime: time });

export const ACTIONS: RouteTable = {
  'me/sendMail': (call) => {
    const { message, saveToSentItems = true } = parseBody(
      z.object({ message: z.unknown(), saveToSentItems: z.boolean().optional() }),
      call.body,
    );
    const mailbox = myMailbox(call);
    const { fields, files } = readMessage(call.tenant, message);
    const draft = mailbox.add(fields);
    attachAll(mailbox, draft, files);
    const sent = sendOrDrop(call, draft);
    if (!saveToSentItems) mailbox.remove(sent);
    return { status: 202 };
  },
  'me/messages/{message-id}/send': (call, id) => {
    const { message } = myMessage(call, id);
    if (!message.isDraft) throw badRequest('The message was sent already.', 'ErrorInvalidRequest');
    sendNow(call, message);
    return { status: 202 };
  },
  'me/messages/{message-id}/reply': (call, id) => replyNow(call, id, 'reply'),
  'me/messages/{message-id}/replyAll': (call, id) => replyNow(call, id, 'replyAll'),
  'me/messages/{message-id}/forward': (call, id) => replyNow(call, id, 'forward'),
  'me/messages/{message-id}/createReply': (call, id) => replyLater(call, id, 'reply'),
  'me/messages/{message-id}/createReplyAll': (call, id) => replyLater(call, id, 'replyAll'),
  'me/messages/{message-id}/createForward': (call, id) => replyLater(call, id, 'forward'),
  'me/messages/{message-id}/move': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    const folder = myFolder(call, destination(call));
    const moved = mailbox.move(message, folder);
    call.record({ kind: 'mail.moved', id: moved.id, subject: moved.subject });
    return { status: 201, data: moved };
  },
  'me/messages/{message-id}/copy': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    const copy = mailbox.add({ ...message, parentFolderId: myFolder(call, destination(call)).id });
    mailbox.adopt(copy, mailbox.attachments(message.id));
    call.record({ kind: 'mail.copied', id: copy.id, subject: copy.subject });
    return { status: 201, data: copy };
  },
  'me/events/{event-id}/accept': (call, id) => answerInvitation(call, id, 'accepted'),
  'me/events/{event-id}/tentativelyAccept': (call, id) => answerInvitation(call, id, 'tentativelyAccepted'),
  'me/events/{event-id}/decline': (call, id) => answerInvitation(call, id, 'declined'),
  'me/events/{event-id}/cancel': (call, id) => {
    const event = myEvent(call, id);
    if (!event.isOrganizer) throw badRequest('You need to be an organizer to cancel a meeting.', 'ErrorInvalidRequest');
    unschedule(call.tenant, event);
    call.record({ kind: 'event.deleted', id, subject: event.subject });
    return { status: 202 };
  },
  'me/events/{event-id}/forward': (call, id) => {
    const event = myEvent(call, id);
    const { fields } = readMessage(call.tenant, {
      toRecipients: call.body['toRecipients'] ?? call.body['ToRecipients'],
    });
    const to = (fields.toRecipients ?? []).map((recipient) => recipient.emailAddress.address);
    if (!to.length) throw badRequest('At least one recipient is needed.', 'ErrorInvalidRecipients');
    call.record({ kind: 'event.forwarded', id, subject: event.subject, to });
    return { status: 202 };
  },
  'me/findMeetingTimes': (call) => findMeetingTimes(call),
  'me/calendar/getSchedule': (call) => freeAndBusy(call),
};

function sendNow(call: GraphCall, draft: Message): Message {
  const everybody = [...draft.toRecipients, ...draft.ccRecipients, ...draft.bccRecipients];
  if (!everybody.length) {
    throw new GraphError(
      400,
      'ErrorInvalidRecipients',
      'At least one recipient is not valid. A message needs at least one recipient.',
    );
  }
  const sent = send(call.tenant, myMailbox(call), draft);
  const effect: Effect = { kind: 'mail.sent', id: sent.id, subject: sent.subject };
  call.record({ ...effect, to: everybody.map((recipient) => recipient.emailAddress.address) });
  return sent;
}

function draftFrom(call: GraphCall, id: string, kind: ReplyKind): Message {
  const { mailbox, message } = myMessage(call, id);
  const body = parseBody(replyBody, call.body);
  const { fields, files } = readMessage(call.tenant, body.message ?? {});
  const { fields: direct } = readMessage(call.tenant, { toRecipients: body.toRecipients });
  const draft = draftReply(call.tenant, mailbox, message, {
    kind,
    comment: body.comment ?? fields.body?.content ?? '',
    to: [...(direct.toRecipients ?? []), ...(fields.toRecipients ?? [])],
    cc: fields.ccRecipients ?? [],
    bcc: fields.bccRecipients ?? [],
  });
  attachAll(mailbox, draft, files);
  return draft;
}

function replyNow(call: GraphCall, id: string, kind: ReplyKind): GraphAnswer {
  sendOrDrop(call, draftFrom(call, id, kind));
  return { status: 202 };
}

/** For drafts that exist only in order to be sent: a refused one leaves nothing behind. */
function sendOrDrop(call: GraphCall, draft: Message): Message {
  try {
    return sendNow(call, draft);
  } catch (error) {
    myMailbox(call).remove(draft);
    throw error;
  }
}

function replyLater(call: GraphCall, id: string, kind: ReplyKind): GraphAnswer {
  const draft = draftFrom(call, id, kind);
  call.record({ kind: 'mail.draftCreated', id: draft.id, subject: draft.subject });
  return { status: 201, data: draft };
}

function destination(call: GraphCall): string {
  return parseBody(z.object({ destinationId: z.string() }), call.body).destinationId;
}

function answerInvitation(call: GraphCall, id: string, response: Answer): GraphAnswer {
  const event = myEvent(call, id);
  if (event.isOrganizer) {
    throw badRequest(
      "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
      'ErrorInvalidRequest',
    );
  }
  answer(call.tenant, call.me, event, response);
  reschedule(call.tenant, event, {});
  call.record({ kind: 'event.answered', id, subject: `${response}: ${event.subject}` });
  return { status: 202 };
}

/** Half-hour steps within 07:00–17:00 UTC on working days when nobody who is asked is busy. */
function findMeetingTimes(call: GraphCall): GraphAnswer {
  const request = parseBody(meetingTimes, call.body);
  const minutes = durationMinutes(request.meetingDuration);
  const slot = request.timeConstraint?.timeSlots[0];
  const from = slot ? readTime(slot.start) : call.tenant.clock();
  const until = slot ? readTime(slot.end) : minutesLater(from, 7 * 24 * 60);
  const guests = request.attendees.flatMap(
    ({ emailAddress }) => call.tenant.directory.find(emailAddress.address) ?? [],
  );
  const people = [...new Set([call.me, ...guests])];
  const suggestions: unknown[] = [];
  let start = new Date(Math.ceil(from.getTime() / 1_800_000) * 1_800_000);
  for (
    ;
    minutesLater(start, minutes) <= until && suggestions.length < request.maxCandidates;
    start = minutesLater(start, 30)
  ) {
    const end = minutesLater(start, minutes);
    const isWorkTime = ![0, 6].includes(start.getUTCDay()) && start.getUTCHours() >= 7 && end.getUTCHours() < 17;
    const isFree = people.every((person) => !busyBetween(call, person.id, start, end));
    if (!isWorkTime || !isFree) continue;
    suggestions.push({
      confidence: 100,
      organizerAvailability: 'free',
      suggestionReason: 'Suggested because it is one of the nearest times when all attendees are available.',
      meetingTimeSlot: { start: utcTime(start), end: utcTime(end) },
      attendeeAvailability: guests.map((person) => ({
        availability: 'free',
        attendee: { type: 'required', emailAddress: { address: person.mail } },
      })),
    });
  }
  const emptySuggestionsReason = suggestions.length ? '' : 'AttendeesUnavailable';
  return { status: 200, data: { emptySuggestionsReason, meetingTimeSuggestions: suggestions } };
}

function freeAndBusy(call: GraphCall): GraphAnswer {
  const request = parseBody(scheduleBody, call.body);
  const [start, end] = [readTime(request.startTime), readTime(request.endTime)];
  const value = request.schedules.map((scheduleId) => {
    const person = call.tenant.directory.find(scheduleId);
    if (!person) return { scheduleId, error: { message: 'Not found', responseCode: 'ErrorMailRecipientNotFound' } };
    const scheduleItems = eventsBetween(calendarOf(call.tenant, person), start, end)
      .filter((event) => event.showAs !== 'free')
      .map((event) => ({ status: event.showAs, start: event.start, end: event.end }));
    return { scheduleId, scheduleItems };
  });
  return { status: 200, data: { value } };
}

function busyBetween(call: GraphCall, personId: string, start: Date, end: Date): boolean {
  const calendar = call.tenant.calendars.get(personId) ?? [];
  return eventsBetween(calendar, start, end).some((event) => event.showAs === 'busy' || event.showAs === 'oof');
}

/** ISO 8601 durations as far as meetings use them: PT30M, PT1H, PT1H30M. */
function durationMinutes(text: string): number {
  const [, hours = '0', minutes = '0'] = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (!total) throw badRequest(`'${text}' is not a duration such as PT30M.`);
  return total;
}
