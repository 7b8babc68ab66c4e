// One person's mailbox: folders, messages, attachments, and what can be done to them. Knows no path, query or policy.
import { instant } from './days.ts';
import { entityTag, exchangeId, type Sequence } from './identity.ts';
import type { Person, Recipient } from './people.ts';

export type MessageBody = { contentType: 'text' | 'html'; content: string };

export type Message = {
  '@odata.etag': string;
  id: string;
  createdDateTime: string;
  lastModifiedDateTime: string;
  receivedDateTime: string;
  sentDateTime: string;
  hasAttachments: boolean;
  internetMessageId: string;
  subject: string;
  bodyPreview: string;
  importance: 'low' | 'normal' | 'high';
  parentFolderId: string;
  conversationId: string;
  isRead: boolean;
  isDraft: boolean;
  webLink: string;
  inferenceClassification: 'focused' | 'other';
  categories: string[];
  flag: { flagStatus: 'notFlagged' | 'flagged' | 'complete' };
  body: MessageBody;
  sender: Recipient | null;
  from: Recipient | null;
  toRecipients: Recipient[];
  ccRecipients: Recipient[];
  bccRecipients: Recipient[];
  replyTo: Recipient[];
};

export type Attachment = {
  '@odata.type': '#microsoft.graph.fileAttachment';
  id: string;
  lastModifiedDateTime: string;
  name: string;
  contentType: string;
  size: number;
  isInline: boolean;
  contentBytes: string;
};

export type MailFolder = { id: string; displayName: string; wellKnownName: string | null; parentFolderId: string };

/** What a new message may bring along; everything else gets a sensible start. */
export type MessageFields = Partial<Omit<Message, '@odata.etag' | 'id'>>;

export type WellKnownFolder = 'inbox' | 'drafts' | 'sentitems' | 'deleteditems' | 'archive' | 'junkemail';

const WELL_KNOWN: [WellKnownFolder, string][] = [
  ['inbox', 'Inbox'],
  ['drafts', 'Drafts'],
  ['sentitems', 'Sent Items'],
  ['deleteditems', 'Deleted Items'],
  ['archive', 'Archive'],
  ['junkemail', 'Junk Email'],
];

export class Mailbox {
  readonly owner: Person;
  readonly folders: MailFolder[];
  readonly #messages = new Map<string, Message>();
  readonly #attachments = new Map<string, Attachment[]>();
  readonly #sequence: Sequence;
  readonly #clock: () => Date;
  #version = 0;

  constructor(options: { owner: Person; sequence: Sequence; clock: () => Date }) {
    this.owner = options.owner;
    this.#sequence = options.sequence;
    this.#clock = options.clock;
    this.folders = WELL_KNOWN.map(([wellKnownName, displayName]) => ({
      id: exchangeId(`${options.owner.id}/folder/${wellKnownName}`),
      displayName,
      wellKnownName,
      parentFolderId: exchangeId(`${options.owner.id}/folder/root`),
    }));
  }

  messages(folderId?: string): Message[] {
    const all = [...this.#messages.values()];
    return folderId ? all.filter((message) => message.parentFolderId === folderId) : all;
  }

  message(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  /** By id or well-known name. */
  folder(idOrName: string): MailFolder | undefined {
    const wanted = idOrName.toLowerCase();
    return this.folders.find((folder) => folder.id === idOrName || folder.wellKnownName === wanted);
  }

  wellKnown(name: WellKnownFolder): MailFolder {
    const folder = this.folder(name);
    if (!folder) throw new Error(`The mailbox lost its ${name} folder.`);
    return folder;
  }

  addFolder(displayName: string, key?: string): MailFolder {
    const id = exchangeId(`${this.owner.id}/folder/${key ?? `new-${this.#sequence.next()}`}`);
    const folder = { id, displayName, wellKnownName: null, parentFolderId: exchangeId(`${this.owner.id}/folder/root`) };
    this.folders.push(folder);
    return folder;
  }

  /** Adds a message; `key` makes the id of a seeded one stable. Without fields it is an empty draft. */
  add(fields: MessageFields, key?: string): Message {
    const id = exchangeId(`${this.owner.id}/message/${key ?? `new-${this.#sequence.next()}`}`);
    const now = instant(this.#clock());
    const body = fields.body ?? { contentType: 'text', content: '' };
    const message: Message = {
      createdDateTime: fields.receivedDateTime ?? now,
      lastModifiedDateTime: fields.receivedDateTime ?? now,
      receivedDateTime: now,
      sentDateTime: fields.receivedDateTime ?? now,
      hasAttachments: false,
      internetMessageId: `<${exchangeId(`internet/${id}`).slice(8, 30)}@contoso.example>`,
      subject: '',
      importance: 'normal',
      parentFolderId: this.wellKnown('drafts').id,
      conversationId: exchangeId(`conversation/${id}`),
      isRead: true,
      isDraft: true,
      inferenceClassification: 'focused',
      categories: [],
      flag: { flagStatus: 'notFlagged' },
      sender: null,
      from: null,
      toRecipients: [],
      ccRecipients: [],
      bccRecipients: [],
      replyTo: [],
      ...fields,
      // Last, because a copied message brings its own.
      '@odata.etag': entityTag(id, ++this.#version),
      id,
      body,
      bodyPreview: preview(body),
      webLink: `https://outlook.office365.example/owa/?ItemID=${encodeURIComponent(id)}&exvsurl=1&viewmodel=ReadMessageItem`,
    };
    this.#messages.set(id, message);
    return message;
  }

  change(message: Message, fields: MessageFields): Message {
    Object.assign(message, fields, {
      '@odata.etag': entityTag(message.id, ++this.#version),
      lastModifiedDateTime: instant(this.#clock()),
    });
    message.bodyPreview = preview(message.body);
    return message;
  }

  /** Moving gives the message a new id, as Exchange does; the old id is gone. */
  move(message: Message, folder: MailFolder): Message {
    const moved = this.add({ ...message, parentFolderId: folder.id });
    this.#attachments.set(moved.id, this.attachments(message.id));
    this.remove(message);
    return moved;
  }

  remove(message: Message): void {
    this.#messages.delete(message.id);
    this.#attachments.delete(message.id);
  }

  attachments(messageId: string): Attachment[] {
    return this.#attachments.get(messageId) ?? [];
  }

  attach(message: Message, file: { name: string; contentType: string; bytes: Buffer }, key?: string): Attachment {
    const attachment: Attachment = {
      '@odata.type': '#microsoft.graph.fileAttachment',
      id: exchangeId(`${message.id}/attachment/${key ?? `new-${this.#sequence.next()}`}`),
      lastModifiedDateTime: instant(this.#clock()),
      name: file.name,
      contentType: file.contentType,
      size: file.bytes.length,
      isInline: false,
      contentBytes: file.bytes.toString('base64'),
    };
    this.#attachments.set(message.id, [...this.attachments(message.id), attachment]);
    message.hasAttachments = true;
    return attachment;
  }

  adopt(message: Message, attachments: Attachment[]): void {
    this.#attachments.set(message.id, [...attachments]);
    message.hasAttachments = attachments.length > 0;
  }

  detach(message: Message, attachmentId: string): boolean {
    const left = this.attachments(message.id).filter((attachment) => attachment.id !== attachmentId);
    const found = left.length < this.attachments(message.id).length;
    this.adopt(message, left);
    return found;
  }
}

export function plainText(body: MessageBody): string {
  if (body.contentType === 'text') return body.content;
  return body.content
    .replace(/<(br|\/p|\/div|\/li)[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

function preview(body: MessageBody): string {
  return plainText(body).replace(/\s+/g, ' ').trim().slice(0, 255);
}
