// How each kind of entity is listed: its properties, what is selected by default, what search looks at.
import type { CalendarEvent } from '../tenant/agenda.ts';
import type { Chat, ChatMessage } from '../tenant/conversations.ts';
import type { DriveItem } from '../tenant/drive.ts';
import { plainText, type Attachment, type Mailbox, type MailFolder, type Message } from '../tenant/mailbox.ts';
import type { Person, Recipient } from '../tenant/people.ts';
import type { CollectionKind } from './collection.ts';

const MESSAGE_PROPERTIES = [
  'id',
  'createdDateTime',
  'lastModifiedDateTime',
  'receivedDateTime',
  'sentDateTime',
  'hasAttachments',
  'internetMessageId',
  'subject',
  'bodyPreview',
  'importance',
  'parentFolderId',
  'conversationId',
  'isRead',
  'isDraft',
  'webLink',
  'inferenceClassification',
  'categories',
  'flag',
  'body',
  'sender',
  'from',
  'toRecipients',
  'ccRecipients',
  'bccRecipients',
  'replyTo',
] as const satisfies readonly (keyof Message)[];

const EVENT_PROPERTIES = [
  'id',
  'createdDateTime',
  'lastModifiedDateTime',
  'subject',
  'bodyPreview',
  'body',
  'start',
  'end',
  'location',
  'isAllDay',
  'isCancelled',
  'isOrganizer',
  'isOnlineMeeting',
  'onlineMeetingProvider',
  'onlineMeeting',
  'organizer',
  'attendees',
  'responseStatus',
  'showAs',
  'importance',
  'sensitivity',
  'categories',
  'hasAttachments',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'type',
  'seriesMasterId',
  'recurrence',
  'iCalUId',
  'webLink',
] as const satisfies readonly (keyof CalendarEvent)[];

export const MESSAGE_SELECT = ['subject', 'from', 'receivedDateTime', 'isRead', 'importance'] as const;
export const EVENT_SELECT = ['subject', 'start', 'end', 'location', 'organizer', 'isAllDay'] as const;
export const PERSON_SELECT = [
  'id',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
  'jobTitle',
  'officeLocation',
  'businessPhones',
  'preferredLanguage',
] as const;

export function messageKind(mailbox: Mailbox): CollectionKind<Message> {
  return {
    properties: MESSAGE_PROPERTIES,
    defaultSelect: MESSAGE_SELECT,
    defaultOrder: 'receivedDateTime desc',
    searchStandsAlone: true,
    expand: { attachments: (message) => mailbox.attachments(message.id) },
    search: (message) => {
      const from = message.from ? names([message.from]) : '';
      const to = names(message.toRecipients);
      const body = plainText(message.body);
      const attachment = mailbox
        .attachments(message.id)
        .map((file) => file.name)
        .join('\n');
      return {
        '*': [message.subject, body, from, to, attachment].join('\n'),
        subject: message.subject,
        body,
        from,
        to,
        cc: names(message.ccRecipients),
        participants: [from, to, names(message.ccRecipients)].join('\n'),
        attachment,
        received: message.receivedDateTime,
        sent: message.sentDateTime,
        importance: message.importance,
        isread: String(message.isRead),
        hasattachments: String(message.hasAttachments),
      };
    },
  };
}

export const eventKind: CollectionKind<CalendarEvent> = {
  properties: EVENT_PROPERTIES,
  defaultSelect: EVENT_SELECT,
  defaultOrder: 'start/dateTime',
  search: (event) => ({
    '*': [event.subject, plainText(event.body), event.location.displayName, names([event.organizer])].join('\n'),
    subject: event.subject,
  }),
};

export const personKind: CollectionKind<Person> = {
  properties: [...PERSON_SELECT, 'department', 'mobilePhone'],
  defaultSelect: PERSON_SELECT,
  defaultOrder: 'displayName',
  search: (person) => ({
    '*': [person.displayName, person.mail, person.jobTitle].join('\n'),
    displayname: person.displayName,
    mail: person.mail,
    jobtitle: person.jobTitle,
    department: person.department,
  }),
};

export const folderKind: CollectionKind<MailFolder & { totalItemCount: number; unreadItemCount: number }> = {
  properties: ['id', 'displayName', 'wellKnownName', 'parentFolderId', 'totalItemCount', 'unreadItemCount'],
};

export const attachmentKind: CollectionKind<Attachment> = {
  properties: ['id', 'name', 'contentType', 'size', 'isInline', 'lastModifiedDateTime', 'contentBytes'],
};

/** Members come only when asked for. */
export const chatKind: CollectionKind<Chat> = {
  properties: ['id', 'topic', 'chatType', 'createdDateTime', 'lastUpdatedDateTime', 'webUrl', 'members'],
  defaultSelect: ['id', 'topic', 'chatType', 'createdDateTime', 'lastUpdatedDateTime', 'webUrl'],
  defaultOrder: 'lastUpdatedDateTime desc',
  expand: { members: (chat) => chat.members },
};

export const chatMessageKind: CollectionKind<ChatMessage> = {
  properties: ['id', 'messageType', 'createdDateTime', 'lastModifiedDateTime', 'from', 'body', 'importance', 'chatId'],
  defaultOrder: 'createdDateTime desc',
  largestPage: 10,
};

export const driveItemKind: CollectionKind<DriveItem> = {
  properties: [
    'id',
    'name',
    'size',
    'createdDateTime',
    'lastModifiedDateTime',
    'webUrl',
    'lastModifiedBy',
    'file',
    'folder',
    'parentReference',
  ],
  defaultOrder: 'name',
};

function names(recipients: Recipient[]): string {
  return recipients.map(({ emailAddress }) => `${emailAddress.name} ${emailAddress.address}`).join('\n');
}
