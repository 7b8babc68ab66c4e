// What can be read: people, mail, calendar, chats, files. Pure lookups over the tenant; changes nothing.
import { calendarOf, eventsBetween, type CalendarEvent } from '../tenant/agenda.ts';
import { chatsOf } from '../tenant/conversations.ts';
import type { Drive, DriveItem } from '../tenant/drive.ts';
import type { Mailbox, MailFolder, Message } from '../tenant/mailbox.ts';
import type { Person } from '../tenant/people.ts';
import { toInstant } from '../tenant/zones.ts';
import { queryCollection, showEntity, type CollectionKind, type Page } from './collection.ts';
import type { Entity } from './filter.ts';
import type { GraphAnswer, GraphCall, RouteTable } from './graph-call.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { checkDrive, myChat, myDrive, myEvent, myFolder, myItem, myMailbox, myMessage, personOf } from './own.ts';
import {
  attachmentKind,
  chatKind,
  chatMessageKind,
  driveItemKind,
  eventKind,
  folderKind,
  messageKind,
  personKind,
} from './kinds.ts';

const METADATA = 'https://graph.microsoft.com/v1.0/$metadata';

export const READS: RouteTable = {
  me: (call) => showPerson(call, call.me),
  'me/manager': (call) => showManager(call, call.me),
  'me/directReports': (call) => list(call, call.tenant.directory.reportsOf(call.me), personKind, 'directoryObjects'),
  'me/people': (call) =>
    list(
      call,
      call.tenant.directory.people.filter((person) => person !== call.me),
      personKind,
      'people',
    ),
  users: (call) => list(call, call.tenant.directory.people, personKind, 'users'),
  'users/{user-id}': (call, id) => showPerson(call, personOf(call, id)),
  'users/{user-id}/manager': (call, id) => showManager(call, personOf(call, id)),
  'users/{user-id}/directReports': (call, id) =>
    list(call, call.tenant.directory.reportsOf(personOf(call, id)), personKind, 'directoryObjects'),
  'me/mailboxSettings': () =>
    ok({
      timeZone: 'UTC',
      dateFormat: 'dd.MM.yyyy',
      timeFormat: 'HH:mm',
      language: { locale: 'en-GB' },
    }),

  'me/messages': (call) => listMessages(call, myMailbox(call).messages()),
  'me/messages/delta': (call) => listMessages(call, myMailbox(call).messages()),
  'me/messages/{message-id}': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    return ok(showEntity(message, call.url, messageKind(mailbox)), `${home(call)}/messages/$entity`);
  },
  'me/messages/{message-id}/attachments': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    return list(call, mailbox.attachments(message.id), attachmentKind, `${home(call)}/messages/attachments`);
  },
  'me/messages/{message-id}/attachments/{attachment-id}': (call, id, attachmentId) => {
    const { mailbox, message } = myMessage(call, id);
    const attachment = mailbox.attachments(message.id).find((file) => file.id === attachmentId);
    if (!attachment) throw notFound();
    return ok(showEntity(attachment, call.url, attachmentKind));
  },
  'me/mailFolders': (call) => list(call, folders(myMailbox(call)), folderKind, `${home(call)}/mailFolders`),
  'me/mailFolders/{mailFolder-id}': (call, id) => {
    const folder = myFolder(call, id);
    return ok(showEntity(counted(myMailbox(call), folder), call.url, folderKind), `${home(call)}/mailFolders/$entity`);
  },
  'me/mailFolders/{mailFolder-id}/messages': (call, id) =>
    listMessages(call, myMailbox(call).messages(myFolder(call, id).id)),

  'me/events': (call) =>
    listEvents(
      call,
      calendarOf(call.tenant, call.me).filter((event) => event.type !== 'occurrence'),
    ),
  'me/calendar/events': (call) => READS['me/events']!(call),
  'me/calendars': (call) =>
    ok({
      value: [
        {
          id: 'calendar',
          name: 'Calendar',
          isDefaultCalendar: true,
          canEdit: true,
          owner: { name: call.me.displayName, address: call.me.mail },
        },
      ],
    }),
  'me/events/{event-id}': (call, id) =>
    ok(showEntity(myEvent(call, id), call.url, eventKind), `${home(call)}/events/$entity`),
  'me/events/{event-id}/instances': (call, id) => {
    const master = myEvent(call, id);
    const calendar = calendarOf(call.tenant, call.me).filter((event) => event.seriesMasterId === master.id);
    return listEvents(call, eventsBetween(calendar, ...viewWindow(call)));
  },
  'me/calendarView': (call) => listEvents(call, eventsBetween(calendarOf(call.tenant, call.me), ...viewWindow(call))),
  'me/calendar/calendarView': (call) => READS['me/calendarView']!(call),

  'me/chats': (call) => listChats(call),
  chats: (call) => listChats(call),
  'me/chats/{chat-id}': (call, id) => ok(showEntity(myChat(call, id), call.url, chatKind), `${METADATA}#chats/$entity`),
  'chats/{chat-id}': (call, id) => READS['me/chats/{chat-id}']!(call, id),
  'me/chats/{chat-id}/messages': (call, id) => {
    const messages = call.tenant.conversations.messages.get(myChat(call, id).id) ?? [];
    return list(call, messages, chatMessageKind, `chats('${encodeURIComponent(id)}')/messages`);
  },
  'chats/{chat-id}/messages': (call, id) => READS['me/chats/{chat-id}/messages']!(call, id),
  'chats/{chat-id}/messages/{chatMessage-id}': (call, id, messageId) => {
    const messages = call.tenant.conversations.messages.get(myChat(call, id).id) ?? [];
    const message = messages.find((candidate) => candidate.id === messageId);
    if (!message) throw notFound();
    return ok(showEntity(message, call.url, chatMessageKind));
  },
  'chats/{chat-id}/members': (call, id) => ok({ value: myChat(call, id).members }),
  'me/chats/{chat-id}/members': (call, id) => ok({ value: myChat(call, id).members }),
  'me/joinedTeams': () =>
    ok({
      value: [
        {
          id: '5a1c0de0-0000-4000-8000-0000000000a1',
          displayName: 'Product Engineering',
          description: 'Project X and friends',
        },
      ],
    }),

  'me/drive': (call) =>
    ok({
      id: myDrive(call).id,
      driveType: 'business',
      name: 'OneDrive',
      owner: { user: { id: call.me.id, displayName: call.me.displayName } },
      quota: { used: myDrive(call).items.reduce((sum, item) => sum + item.size, 0), total: 1_099_511_627_776 },
    }),
  'me/drive/root': (call) =>
    ok({
      id: myDrive(call).rootId,
      name: 'root',
      folder: { childCount: myDrive(call).children(myDrive(call).rootId).length },
      root: {},
    }),
  'me/drive/root/children': (call) => listItems(call, myDrive(call).children(myDrive(call).rootId)),
  'me/drive/recent': (call) => listItems(call, recentFiles(myDrive(call))),
  'me/drive/root/search({q})': (call, argument) => listItems(call, searchDrive(myDrive(call), argument)),
  'me/drive/items/{driveItem-id}': (call, id) => ok(showEntity(myItem(call, id), call.url, driveItemKind)),
  'me/drive/items/{driveItem-id}/children': (call, id) => listItems(call, myDrive(call).children(myItem(call, id).id)),
  'drives/{drive-id}': (call, driveId) => (checkDrive(call, driveId), READS['me/drive']!(call)),
  'drives/{drive-id}/root/children': (call, driveId) => (
    checkDrive(call, driveId),
    READS['me/drive/root/children']!(call)
  ),
  'drives/{drive-id}/root/search({q})': (call, driveId, argument) => (
    checkDrive(call, driveId),
    READS['me/drive/root/search({q})']!(call, argument)
  ),
  'drives/{drive-id}/items/{driveItem-id}': (call, driveId, id) => (
    checkDrive(call, driveId),
    READS['me/drive/items/{driveItem-id}']!(call, id)
  ),
  'drives/{drive-id}/items/{driveItem-id}/children': (call, driveId, id) => (
    checkDrive(call, driveId),
    READS['me/drive/items/{driveItem-id}/children']!(call, id)
  ),
};

/** Another person's private data: the delegated token does not reach it. */
export const FOREIGN_READS: RouteTable = Object.fromEntries(
  [
    'messages',
    'messages/{message-id}',
    'mailFolders',
    'mailFolders/{mailFolder-id}/messages',
    'events',
    'calendarView',
    'chats',
    'drive',
    'drive/root/children',
  ].map((rest) => [
    `users/{user-id}/${rest}`,
    (call: GraphCall, id: string): GraphAnswer => {
      personOf(call, id);
      throw new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
    },
  ]),
);

/** startDateTime and endDateTime are required, as in Graph. */
function viewWindow(call: GraphCall): [Date, Date] {
  return [windowEdge(call, 'startDateTime'), windowEdge(call, 'endDateTime')];
}

function windowEdge(call: GraphCall, name: string): Date {
  const text = call.url.options.get(name.toLowerCase());
  if (!text) {
    throw badRequest(
      `This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.`,
      'ErrorInvalidParameter',
    );
  }
  const moment = toInstant(text, 'UTC');
  if (!moment) throw badRequest(`The value '${text}' of parameter '${name}' is invalid.`, 'ErrorInvalidParameter');
  return moment;
}

function ok(data: object, context?: string): GraphAnswer {
  return { status: 200, data: context ? { '@odata.context': context, ...data } : data };
}

function home(call: GraphCall): string {
  return `${METADATA}#users('${call.me.id}')`;
}

function list<T extends Entity>(
  call: GraphCall,
  items: readonly T[],
  kind: CollectionKind<T>,
  name: string,
): GraphAnswer {
  return ok(shown(queryCollection(items, call.url, kind), name.startsWith('http') ? name : `${METADATA}#${name}`));
}

function listMessages(call: GraphCall, messages: Message[]): GraphAnswer {
  return list(call, messages, messageKind(myMailbox(call)), `${home(call)}/messages`);
}

function listEvents(call: GraphCall, events: CalendarEvent[]): GraphAnswer {
  return list(call, events, eventKind, `${home(call)}/${call.url.segments.at(-1) ?? 'events'}`);
}

function listItems(call: GraphCall, items: DriveItem[]): GraphAnswer {
  return list(call, items, driveItemKind, `${home(call)}/drive/root/children`);
}

function listChats(call: GraphCall): GraphAnswer {
  const page = queryCollection(chatsOf(call.tenant, call.me), call.url, chatKind);
  const { '@odata.context': context, ...rest } = shown(page, `${home(call)}/chats`);
  return ok({ '@odata.context': context, '@odata.count': page.entities.length, ...rest });
}

function shown(page: Page, context: string): Entity {
  const selected = page.select
    ? `${context}(${['id', ...page.select.filter((name) => name !== 'id')].join(',')})`
    : context;
  return {
    '@odata.context': selected,
    value: page.entities,
    ...(page.nextLink ? { '@odata.nextLink': page.nextLink } : {}),
  };
}

function showPerson(call: GraphCall, person: Person): GraphAnswer {
  const { defaultSelect, ...kind } = personKind;
  const selected = call.url.options.has('select')
    ? showEntity(person, call.url, kind)
    : pickAll(person, defaultSelect ?? []);
  return ok(selected, `${METADATA}#users/$entity`);
}

function pickAll(person: Person, names: readonly (keyof Person)[]): Entity {
  return Object.fromEntries(names.map((name) => [name, person[name]]));
}

function showManager(call: GraphCall, person: Person): GraphAnswer {
  const manager = call.tenant.directory.managerOf(person);
  if (!manager)
    throw new GraphError(
      404,
      'Request_ResourceNotFound',
      "Resource 'manager' does not exist or one of its queried reference-property objects are not present.",
    );
  const answer = showPerson(call, manager);
  return { status: 200, data: { '@odata.type': '#microsoft.graph.user', ...(answer.data as Entity) } };
}

function folders(mailbox: Mailbox) {
  return mailbox.folders.map((folder) => counted(mailbox, folder));
}

function counted(mailbox: Mailbox, folder: MailFolder) {
  const messages = mailbox.messages(folder.id);
  return {
    ...folder,
    totalItemCount: messages.length,
    unreadItemCount: messages.filter((message) => !message.isRead).length,
  };
}

function recentFiles(drive: Drive): DriveItem[] {
  return drive.items
    .filter((item) => item.file)
    .sort((a, b) => b.lastModifiedDateTime.localeCompare(a.lastModifiedDateTime));
}

/** The argument as written: `q='budget'`. */
function searchDrive(drive: Drive, argument: string): DriveItem[] {
  const wanted = /^q='(.*)'$/.exec(argument)?.[1]?.replaceAll("''", "'").toLowerCase();
  if (wanted === undefined) throw badRequest("search() takes q='text'.");
  return drive.items.filter((item) => {
    const text = item.file?.mimeType.startsWith('text/') ? (drive.content(item)?.toString() ?? '') : '';
    return `${item.name}\n${text}`.toLowerCase().includes(wanted);
  });
}
