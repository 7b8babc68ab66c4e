// Finds what belongs to the caller: mailbox, messages, folders, events, chats, files; and people. Throws Graph's own errors.
import { calendarOf, type CalendarEvent } from '../tenant/agenda.ts';
import { chatsOf, type Chat } from '../tenant/conversations.ts';
import type { Drive, DriveItem } from '../tenant/drive.ts';
import type { Mailbox, MailFolder, Message } from '../tenant/mailbox.ts';
import type { Person } from '../tenant/people.ts';
import type { GraphCall } from './graph-call.ts';
import { GraphError, notFound } from './graph-error.ts';

export function myMailbox(call: Pick<GraphCall, 'tenant' | 'me'>): Mailbox {
  const mailbox = call.tenant.mailboxes.get(call.me.id);
  if (!mailbox)
    throw new GraphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    );
  return mailbox;
}

export function myMessage(call: GraphCall, id: string): { mailbox: Mailbox; message: Message } {
  const mailbox = myMailbox(call);
  const message = mailbox.message(id);
  if (!message) throw notFound();
  return { mailbox, message };
}

export function myFolder(call: GraphCall, id: string): MailFolder {
  const folder = myMailbox(call).folder(id);
  if (!folder) throw notFound();
  return folder;
}

export function myEvent(call: GraphCall, id: string): CalendarEvent {
  const event = calendarOf(call.tenant, call.me).find((candidate) => candidate.id === id);
  if (!event) throw notFound();
  return event;
}

export function myChat(call: GraphCall, id: string): Chat {
  const chat = chatsOf(call.tenant, call.me).find((candidate) => candidate.id === id);
  if (!chat) throw new GraphError(404, 'NotFound', 'The chat was not found or you are not a member of it.');
  return chat;
}

export function myItem(call: GraphCall, id: string): DriveItem {
  const item = myDrive(call).item(id);
  if (!item) throw new GraphError(404, 'itemNotFound', 'The resource could not be found.');
  return item;
}

export function myDrive(call: GraphCall): Drive {
  const drive = call.tenant.drives.get(call.me.id);
  if (!drive) throw new GraphError(404, 'ResourceNotFound', "User's mysite not found.");
  return drive;
}

/** Throws unless the drive is the caller's own. */
export function checkDrive(call: GraphCall, driveId: string): void {
  if (myDrive(call).id !== driveId) throw new GraphError(404, 'itemNotFound', 'The resource could not be found.');
}

export function personOf(call: GraphCall, identifier: string): Person {
  const person = call.tenant.directory.find(identifier);
  if (!person)
    throw new GraphError(
      404,
      'Request_ResourceNotFound',
      `Resource '${identifier}' does not exist or one of its queried reference-property objects are not present.`,
    );
  return person;
}
