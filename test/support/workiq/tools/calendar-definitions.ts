// The tools of the catalogue's calendar server as its tools/list shows them. Definitions only.
import { choice, count, flag, text, texts, tool, type ToolDefinition } from './tool.ts';

const writes = { mutates: true };
const time = text('ISO 8601');
const window = { startDateTime: time, endDateTime: time, timeZone: text() };
const page = { select: text(), top: count(), orderby: text() };
const answer = { 'eventId!': text(), comment: text(), sendResponse: flag() };
const meeting = { 'joinWebUrl!': text(), organizerUserId: text() };

export const CALENDAR_TOOLS: readonly ToolDefinition[] = [
  tool('ListEvents', "Events of a user's calendar; a series comes back once.", {
    userIdentifier: text(),
    ...window,
    meetingTitle: text(),
    attendeeEmails: texts(),
    ...page,
  }),
  tool('ListCalendarView', 'Event instances within a time window.', {
    userIdentifier: text(),
    ...window,
    subject: text(),
    ...page,
  }),
  tool(
    'CreateEvent',
    'Create a meeting or an appointment.',
    {
      'subject!': text(),
      attendeeEmails: texts(),
      'startDateTime!': time,
      'endDateTime!': time,
      timeZone: text(),
      bodyContent: text(),
      bodyContentType: choice('Text', 'HTML'),
      location: text(),
      isOnlineMeeting: flag(),
      onlineMeetingProvider: text(),
      isAllDay: flag(),
    },
    writes,
  ),
  tool(
    'UpdateEvent',
    'Change an event; attendees are added and removed by lists.',
    {
      'eventId!': text(),
      subject: text(),
      ...window,
      bodyContent: text(),
      bodyContentType: text(),
      location: text(),
      attendeesToAdd: texts(),
      attendeesToRemove: texts(),
      isOnlineMeeting: flag(),
    },
    writes,
  ),
  tool('DeleteEventById', 'Delete an event.', { 'eventId!': text() }, writes),
  tool('FindMeetingTimes', 'Suggest free slots.', {
    attendeeEmails: texts(),
    meetingDuration: text('ISO 8601 duration such as PT30M'),
    ...window,
    maxCandidates: count(),
    isOrganizerOptional: flag(),
    returnSuggestionReasons: flag(),
    minimumAttendeePercentage: { type: 'number' },
  }),
  tool('AcceptEvent', 'Accept an invitation.', answer, writes),
  tool('TentativelyAcceptEvent', "Answer an invitation with 'maybe'.", answer, writes),
  tool('DeclineEvent', 'Decline an invitation.', answer, writes),
  tool('CancelEvent', 'Cancel a meeting that the user organises.', { 'eventId!': text(), comment: text() }, writes),
  tool(
    'ForwardEvent',
    'Forward an invitation.',
    { 'eventId!': text(), recipientEmails: texts(), comment: text() },
    writes,
  ),
  tool('GetUserDateAndTimeZoneSettings', 'Time zone and formats of the mailbox.', { userIdentifier: text() }),
  tool('GetRooms', 'Rooms that can be booked.'),
  tool('GetOnlineMeetingTranscripts', 'Transcripts of a Teams meeting.', { ...meeting, transcriptId: text() }),
  tool('GetOnlineMeetingAiInsights', 'AI notes and action items of a meeting.', meeting),
  tool('GetOnlineMeetingAttendanceReports', 'Who attended a meeting.', meeting),
];
