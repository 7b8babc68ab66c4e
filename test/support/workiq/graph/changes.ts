// Creating, changing and deleting entities. Every change is recorded as an effect; policy is decided elsewhere.
import { z } from 'zod';
import { calendarOf, reschedule, schedule, unschedule, type CalendarEvent } from '../tenant/agenda.ts';
import { openChat, post } from '../tenant/conversations.ts';
import type { Mailbox, Message } from '../tenant/mailbox.ts';
import { parseBody, readEventChange, readMessage, readNewEvent, type NewFile } from './bodies.ts';
import { pick } from './collection.ts';
import type { GraphAnswer, GraphCall, RouteTable } from './graph-call.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { MESSAGE_SELECT } from './kinds.ts';
import { checkDrive, myChat, myEvent, myItem, myMailbox, myMessage } from './own.ts';

const METADATA = 'https://graph.microsoft.com/v1.0/$metadata';
const LARGEST_ATTACHMENT = 3 * 1_048_576;

const chatMessage = z.object({
  body: z.object({ contentType: z.enum(['text', 'html']).default('text'), content: z.string() }),
});
const newFolder = z.object({ displayName: z.string().min(1) });
const newAttachment = z.object({
  name: z.string().min(1),
  contentType: z.string().default('application/octet-stream'),
  contentBytes: z.string(),
});
const newChat = z.object({
  chatType: z.enum(['oneOnOne', 'group']),
  topic: z.string().nullish(),
  members: z.array(z.object({ 'user@odata.bind': z.string() })),
});
const renamed = z.object({ name: z.string().min(1) });

export const CREATES: RouteTable = {
  'me/messages': (call) => createDraft(call),
  'me/mailFolders/{mailFolder-id}/messages': (call) => createDraft(call),
  'me/mailFolders': (call) => {
    const folder = myMailbox(call).addFolder(parseBody(newFolder, call.body).displayName);
    call.record({ kind: 'mail.folderCreated', id: folder.id, subject: folder.displayName });
    return { status: 201, data: { ...folder, totalItemCount: 0, unreadItemCount: 0 } };
  },
  'me/messages/{message-id}/attachments': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    const file = parseBody(newAttachment, call.body);
    const bytes = Buffer.from(file.contentBytes, 'base64');
    if (bytes.length > LARGEST_ATTACHMENT)
      throw new GraphError(413, 'RequestTooLarge', 'The attachment is larger than 3 MB.');
    const attachment = mailbox.attach(message, { name: file.name, contentType: file.contentType, bytes });
    call.record({ kind: 'mail.attachmentAdded', id: attachment.id, subject: file.name });
    return { status: 201, data: attachment };
  },
  'me/events': (call) => createEvent(call),
  'me/calendar/events': (call) => createEvent(call),
  'chats/{chat-id}/messages': (call, id) => postToChat(call, id),
  'me/chats/{chat-id}/messages': (call, id) => postToChat(call, id),
  chats: (call) => {
    const request = parseBody(newChat, call.body);
    const members = request.members.map((member) => {
      const identifier = /users\('?([^')]+)'?\)/.exec(member['user@odata.bind'])?.[1] ?? member['user@odata.bind'];
      const person = call.tenant.directory.find(identifier);
      if (!person) throw badRequest(`'${identifier}' is not a user of this tenant.`);
      return person;
    });
    const chat = openChat(call.tenant, {
      key: `new-${call.tenant.sequence.next()}`,
      topic: request.topic ?? null,
      chatType: request.chatType,
      members: [...new Set([call.me, ...members])],
      createdAt: call.tenant.clock(),
    });
    call.record({ kind: 'chat.created', id: chat.id, ...(chat.topic ? { subject: chat.topic } : {}) });
    return { status: 201, data: chat };
  },
};

export const UPDATES: RouteTable = {
  me: () => {
    throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  },
  'me/messages/{message-id}': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    checkTag(call, message);
    const { fields } = readMessage(call.tenant, call.body);
    const onlyInDrafts = ['subject', 'body', 'toRecipients', 'ccRecipients', 'bccRecipients', 'replyTo'] as const;
    const refused = message.isDraft ? undefined : onlyInDrafts.find((name) => name in fields);
    if (refused)
      throw badRequest(`The property '${refused}' can be changed in drafts only.`, 'ErrorInvalidPropertySet');
    mailbox.change(message, fields);
    call.record({ kind: 'mail.updated', id: message.id, subject: message.subject });
    const shown = message.isDraft ? message : pick(message, MESSAGE_SELECT);
    return { status: 200, data: shown };
  },
  'me/events/{event-id}': (call, id) => {
    const event = myEvent(call, id);
    checkTag(call, event);
    reschedule(call.tenant, event, readEventChange(call.tenant, call.body, event));
    call.record({ kind: 'event.updated', id: event.id, subject: event.subject });
    return { status: 200, data: event };
  },
  'drives/{drive-id}/items/{driveItem-id}': (call, driveId, id) => {
    checkDrive(call, driveId);
    const item = myItem(call, id);
    item.name = parseBody(renamed, call.body).name;
    call.record({ kind: 'file.renamed', id: item.id, subject: item.name });
    return { status: 200, data: item };
  },
  'teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}': () => {
    throw new GraphError(
      403,
      'Forbidden',
      "Missing scope permissions on the request. API requires one of 'ChannelMessage.ReadWrite'",
    );
  },
};

export const DELETES: RouteTable = {
  'me/messages/{message-id}': (call, id) => {
    const { mailbox, message } = myMessage(call, id);
    checkTag(call, message);
    const bin = mailbox.wellKnown('deleteditems');
    if (message.parentFolderId === bin.id) mailbox.remove(message);
    else mailbox.move(message, bin);
    call.record({ kind: 'mail.deleted', id, subject: message.subject });
    return { status: 204 };
  },
  'me/messages/{message-id}/attachments/{attachment-id}': (call, id, attachmentId) => {
    const { mailbox, message } = myMessage(call, id);
    if (!mailbox.detach(message, attachmentId))
      throw new GraphError(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
    call.record({ kind: 'mail.attachmentRemoved', id: attachmentId });
    return { status: 204 };
  },
  'me/events/{event-id}': (call, id) => {
    const event = myEvent(call, id);
    checkTag(call, event);
    unschedule(call.tenant, event);
    call.record({ kind: 'event.deleted', id, subject: event.subject });
    return { status: 204 };
  },
};

export function attachAll(mailbox: Mailbox, message: Message, files: NewFile[]): void {
  for (const file of files) mailbox.attach(message, file);
}

function createDraft(call: GraphCall): GraphAnswer {
  const mailbox = myMailbox(call);
  const { fields, files } = readMessage(call.tenant, call.body);
  const me = call.tenant.directory.recipient(call.me.mail);
  const draft = mailbox.add({ ...fields, from: me, sender: me });
  attachAll(mailbox, draft, files);
  call.record({ kind: 'mail.draftCreated', id: draft.id, subject: draft.subject });
  return { status: 201, data: { '@odata.context': `${METADATA}#users('${call.me.id}')/messages/$entity`, ...draft } };
}

function createEvent(call: GraphCall): GraphAnswer {
  const event: CalendarEvent = schedule(call.tenant, call.me, readNewEvent(call.tenant, call.body));
  const to = event.attendees.map((guest) => guest.emailAddress.address);
  call.record({ kind: 'event.created', id: event.id, subject: event.subject, to });
  const mine = calendarOf(call.tenant, call.me).find((candidate) => candidate.id === event.id) ?? event;
  return { status: 201, data: { '@odata.context': `${METADATA}#users('${call.me.id}')/events/$entity`, ...mine } };
}

function postToChat(call: GraphCall, id: string): GraphAnswer {
  const chat = myChat(call, id);
  const { body } = parseBody(chatMessage, call.body);
  const message = post(call.tenant, chat, call.me, body);
  call.record({ kind: 'chat.posted', id: message.id, subject: body.content.slice(0, 80) });
  return { status: 201, data: message };
}

function checkTag(call: GraphCall, entity: { '@odata.etag': string }): void {
  if (call.ifMatch && call.ifMatch !== '*' && call.ifMatch !== entity['@odata.etag']) {
    throw new GraphError(
      412,
      'ErrorIrresolvableConflict',
      'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
    );
  }
}
