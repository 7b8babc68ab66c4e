// Answers plain-language questions over the tenant's data, the way Copilot would word it. Computes; does not wait or stream.
import { calendarOf, endOf, eventsBetween, startOf, type CalendarEvent } from '../tenant/agenda.ts';
import { chatsOf } from '../tenant/conversations.ts';
import type { Message } from '../tenant/mailbox.ts';
import type { Person } from '../tenant/people.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { offsetMs } from '../tenant/zones.ts';

export type Citation = { title: string; url: string };
export type CopilotAnswer = { response: string; citations: Citation[] };

type Question = { tenant: Tenant; me: Person; text: string; zone: string };

const DAY_MS = 86_400_000;
const SMALL_WORDS = new Set(
  'a about all and any are at be been can did do does file files find for from get give got has have how i in is it last latest mail mails email emails me message messages meeting meetings my new newest of on or our please recent search send sent show summarise summarize summary tell that the there this to today tomorrow us was we week were what when where which who with you'.split(
    ' ',
  ),
);

export function answerQuestion(question: Question): CopilotAnswer {
  const text = question.text.toLowerCase();
  if (/\b(manager|boss|report to)\b/.test(text)) return aboutManager(question);
  if (/\b(direct reports?|reports to me|my team)\b/.test(text)) return aboutReports(question);
  if (/\b(next|upcoming) (meeting|event|appointment)/.test(text)) return aboutNextMeeting(question);
  if (/\b(free|available|slot)\b/.test(text)) return aboutMeetings(question, text);
  if (/\b(meetings?|calendar|agenda|schedule|events?|appointments?)\b/.test(text) && !/\bmail/.test(text))
    return aboutMeetings(question, text);
  if (/\bwhat('s| is)? (\w+ )?on\b|\bmy day\b/.test(text) && /\b(today|tomorrow|week|day|\w+day)\b/.test(text))
    return aboutMeetings(question, text);
  if (/\b(unread|inbox)\b/.test(text)) return aboutUnread(question);
  if (/\b(files?|documents?|docs?|spreadsheet|workbook|presentation)\b/.test(text)) return aboutFiles(question, text);
  if (/\b(chats?|teams)\b/.test(text)) return aboutChats(question);
  return aboutTopic(question, text);
}

function aboutManager({ tenant, me }: Question): CopilotAnswer {
  const manager = tenant.directory.managerOf(me);
  if (!manager) return plain('You have no manager in the directory.');
  return plain(
    `Your manager is **${manager.displayName}**, ${manager.jobTitle} (${manager.mail}, office ${manager.officeLocation}).`,
  );
}

function aboutReports({ tenant, me }: Question): CopilotAnswer {
  const reports = tenant.directory.reportsOf(me);
  if (!reports.length) return plain('Nobody reports to you.');
  return plain(
    `${plural(reports.length, 'person reports', 'people report')} to you: ${reports.map((person) => `**${person.displayName}** (${person.jobTitle})`).join(', ')}.`,
  );
}

function aboutNextMeeting({ tenant, me, zone }: Question): CopilotAnswer {
  const now = tenant.clock();
  const [next] = eventsBetween(calendarOf(tenant, me), now, new Date(now.getTime() + 30 * DAY_MS)).filter(
    (event) => startOf(event) >= now && !event.isAllDay && !event.isCancelled,
  );
  if (!next) return plain('Nothing is in your calendar for the next 30 days.');
  const place = next.location.displayName ? `, ${next.location.displayName}` : '';
  return cited(
    `Your next meeting is **${next.subject}** on ${dayOf(startOf(next), zone)} at ${timeOf(startOf(next), zone)}${place}, organised by ${next.organizer.emailAddress.name} [^1^].`,
    [next],
  );
}

function aboutMeetings({ tenant, me, zone }: Question, text: string): CopilotAnswer {
  const [start, days, label] = period(tenant.clock(), zone, text);
  const events = eventsBetween(calendarOf(tenant, me), start, new Date(start.getTime() + days * DAY_MS)).filter(
    (event) => !event.isCancelled,
  );
  if (!events.length) return plain(`You have no meetings ${label}.`);
  const head = `You have **${plural(events.length, 'meeting', 'meetings')}** ${label}`;
  const single = events.length === 1 && events[0];
  if (single) return cited(`${head}: ${single.subject} at ${timeOf(startOf(single), zone)} [^1^].`, events);
  const shown = events.slice(0, 20);
  const lines = shown.map((event, index) => {
    const when = event.isAllDay ? 'all day' : `${timeOf(startOf(event), zone)}–${timeOf(endOf(event), zone)}`;
    const day = days > 1 ? `${dayOf(startOf(event), zone)}, ` : '';
    const answer = event.responseStatus.response === 'notResponded' ? ' (not answered yet)' : '';
    return `- ${day}${when}: ${event.subject}${answer} [^${index + 1}^]`;
  });
  return cited(`${head}:\n\n${lines.join('\n')}`, shown);
}

function aboutUnread({ tenant, me, zone }: Question): CopilotAnswer {
  const unread = inboxOf(tenant, me).filter((message) => !message.isRead);
  if (!unread.length) return plain('You have no unread mail.');
  const shown = unread.slice(0, 10);
  const lines = shown.map((message, index) => `- ${line(message, zone)} [^${index + 1}^]`);
  return cited(`You have **${plural(unread.length, 'unread mail', 'unread mails')}**:\n\n${lines.join('\n')}`, shown);
}

function aboutFiles({ tenant, me }: Question, text: string): CopilotAnswer {
  const words = topicWords(text);
  const items = (tenant.drives.get(me.id)?.items ?? [])
    .filter((item) => item.file && (!words.length || words.some((word) => item.name.toLowerCase().includes(word))))
    .sort((a, b) => b.lastModifiedDateTime.localeCompare(a.lastModifiedDateTime))
    .slice(0, 8);
  if (!items.length) return plain(`I found no file about ${words.join(' ')}.`);
  const lines = items.map(
    (item, index) =>
      `- **${item.name}**, changed by ${item.lastModifiedBy.user.displayName} on ${item.lastModifiedDateTime.slice(0, 10)} [^${index + 1}^]`,
  );
  return {
    response: `I found ${plural(items.length, 'file', 'files')}:\n\n${lines.join('\n')}`,
    citations: items.map((item) => ({ title: item.name, url: item.webUrl })),
  };
}

function aboutChats({ tenant, me }: Question): CopilotAnswer {
  const chats = chatsOf(tenant, me).slice(0, 5);
  const lines = chats.map((chat, index) => {
    const last = tenant.conversations.messages.get(chat.id)?.at(-1);
    const name = chat.topic ?? chat.members.find((member) => member.userId !== me.id)?.displayName ?? 'Chat';
    return `- **${name}**: ${last ? `${last.from.user.displayName}: “${last.body.content}”` : 'no messages'} [^${index + 1}^]`;
  });
  return {
    response: `Your latest chats:\n\n${lines.join('\n')}`,
    citations: chats.map((chat) => ({ title: chat.topic ?? 'Chat', url: chat.webUrl })),
  };
}

/** Everything else: what mails and meetings say about the words of the question. */
function aboutTopic({ tenant, me, zone }: Question, text: string): CopilotAnswer {
  const words = topicWords(text);
  const score = (content: string): number => words.filter((word) => content.toLowerCase().includes(word)).length;
  const best = <T>(items: T[], contentOf: (item: T) => string, limit: number): T[] => {
    const scored = items.map((item) => ({ item, points: score(contentOf(item)) })).filter(({ points }) => points > 0);
    const top = Math.max(0, ...scored.map(({ points }) => points));
    return scored
      .filter(({ points }) => points === top)
      .slice(0, limit)
      .map(({ item }) => item);
  };
  const mails = best(
    inboxOf(tenant, me),
    (message) => `${message.subject}\n${message.bodyPreview}\n${message.from?.emailAddress.name}`,
    4,
  );
  const now = tenant.clock();
  const coming = eventsBetween(calendarOf(tenant, me), now, new Date(now.getTime() + 14 * DAY_MS));
  const meetings = best(coming, (event) => `${event.subject}\n${event.bodyPreview}`, 2);
  if (!mails.length && !meetings.length)
    return plain("I couldn't find anything about that in your mail, calendar, chats or files.");
  const citations = [...mails, ...meetings];
  const lines = citations.map((entry, index) =>
    'receivedDateTime' in entry
      ? `- ${line(entry, zone)}: ${entry.bodyPreview.slice(0, 140)} [^${index + 1}^]`
      : `- Meeting **${entry.subject}** on ${dayOf(startOf(entry), zone)} at ${timeOf(startOf(entry), zone)} [^${index + 1}^]`,
  );
  return cited(`Here is what I found:\n\n${lines.join('\n')}`, citations);
}

function inboxOf(tenant: Tenant, me: Person): Message[] {
  const mailbox = tenant.mailboxes.get(me.id);
  if (!mailbox) return [];
  const own = new Set([
    mailbox.wellKnown('sentitems').id,
    mailbox.wellKnown('drafts').id,
    mailbox.wellKnown('deleteditems').id,
  ]);
  return mailbox
    .messages()
    .filter((message) => !own.has(message.parentFolderId))
    .sort((a, b) => b.receivedDateTime.localeCompare(a.receivedDateTime));
}

/** Start, length in days and wording of the period a question is about. */
function period(now: Date, zone: string, text: string): [Date, number, string] {
  const offset = offsetMs(now, zone);
  const local = now.getTime() + offset;
  const midnight = new Date(local - (((local % DAY_MS) + DAY_MS) % DAY_MS) - offset);
  const later = (days: number): Date => new Date(midnight.getTime() + days * DAY_MS);
  const weekday = (new Date(midnight.getTime() + offset).getUTCDay() + 6) % 7;
  if (/\bday after tomorrow\b/.test(text)) return [later(2), 1, 'the day after tomorrow'];
  if (/\btomorrow\b/.test(text)) return [later(1), 1, 'tomorrow'];
  if (/\byesterday\b/.test(text)) return [later(-1), 1, 'yesterday'];
  if (/\bnext week\b/.test(text)) return [later(7 - weekday), 7, 'next week'];
  if (/\bweek\b/.test(text)) return [later(-weekday), 7, 'this week'];
  const names = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const named = names.findIndex((name) => text.includes(name));
  if (named >= 0)
    return [later((named - weekday + 7) % 7), 1, `on ${names[named]?.replace(/^./, (first) => first.toUpperCase())}`];
  return [midnight, 1, 'today'];
}

function topicWords(text: string): string[] {
  return [...text.matchAll(/[\p{L}\p{N}-]{2,}/gu)]
    .map(([word]) => word.replace(/'s$/, ''))
    .filter((word) => !SMALL_WORDS.has(word));
}

function line(message: Message, zone: string): string {
  const received = new Date(message.receivedDateTime);
  const importance = message.importance === 'high' ? ' ❗' : '';
  return `**${message.subject}**${importance} from ${message.from?.emailAddress.name ?? 'unknown'} (${dayOf(received, zone)}, ${timeOf(received, zone)})`;
}

function plain(response: string): CopilotAnswer {
  return { response, citations: [] };
}

function cited(response: string, sources: (Message | CalendarEvent)[]): CopilotAnswer {
  return { response, citations: sources.map((source) => ({ title: source.subject, url: source.webLink })) };
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function dayOf(moment: Date, timeZone: string): string {
  return moment.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone });
}

function timeOf(moment: Date, timeZone: string): string {
  return moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
}
