// Sending mail inside the tenant: a copy in Sent Items, one in each internal inbox. Knows no path, query or policy.
import { instant } from './days.ts';
import type { Mailbox, Message, MessageFields } from './mailbox.ts';
import { plainText } from './mailbox.ts';
import type { Recipient } from './people.ts';
import type { Tenant } from './tenant.ts';

export type ReplyKind = 'reply' | 'replyAll' | 'forward';

/** Sends a draft, or the fields of a message that never was one. Returns the copy in Sent Items. */
export function send(tenant: Tenant, mailbox: Mailbox, outgoing: Message | MessageFields): Message {
  const me = tenant.directory.recipient(mailbox.owner.mail);
  const now = instant(tenant.clock());
  const draft = 'id' in outgoing ? outgoing : undefined;
  const attachments = draft ? mailbox.attachments(draft.id) : [];
  const fields: MessageFields = { ...outgoing, from: me, sender: me, isDraft: false, isRead: true, sentDateTime: now };
  fields.receivedDateTime = now;
  const sent = mailbox.add({ ...fields, parentFolderId: mailbox.wellKnown('sentitems').id });
  mailbox.adopt(sent, attachments);
  if (draft) mailbox.remove(draft);
  deliver(tenant, sent, attachments.length ? mailbox : undefined);
  return sent;
}

/** Puts copies of `message` into the inboxes of its internal recipients; `source` is the mailbox that holds attachments. */
export function deliver(tenant: Tenant, message: Message, source?: Mailbox): Message[] {
  const addresses = new Set(
    [...message.toRecipients, ...message.ccRecipients, ...message.bccRecipients].map((to) => to.emailAddress.address),
  );
  return [...addresses].flatMap((address) => {
    const person = tenant.directory.find(address);
    const mailbox = person && tenant.mailboxes.get(person.id);
    if (!mailbox) return [];
    const copy = mailbox.add({
      ...message,
      parentFolderId: mailbox.wellKnown('inbox').id,
      bccRecipients: [],
      isDraft: false,
      isRead: false,
      categories: [],
      flag: { flagStatus: 'notFlagged' },
    });
    mailbox.adopt(copy, source?.attachments(message.id) ?? []);
    return [copy];
  });
}

/** A draft that answers or forwards `original`, with the quoted text below `comment`. */
export function draftReply(
  tenant: Tenant,
  mailbox: Mailbox,
  original: Message,
  options: { kind: ReplyKind; comment?: string; to?: Recipient[]; cc?: Recipient[]; bcc?: Recipient[] },
): Message {
  const { kind, comment = '', to = [], cc = [], bcc = [] } = options;
  const prefix = kind === 'forward' ? 'Fw' : 'Re';
  const subject = new RegExp(`^${prefix}:`, 'i').test(original.subject)
    ? original.subject
    : `${prefix}: ${original.subject}`;
  const mine = mailbox.owner.mail;
  const sender = original.from ? [original.from] : [];
  const others = original.toRecipients.filter((recipient) => recipient.emailAddress.address !== mine);
  const quoted = plainText(original.body)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
  const me = tenant.directory.recipient(mine);
  const draft = mailbox.add({
    subject,
    importance: original.importance,
    conversationId: original.conversationId,
    body: {
      contentType: 'text',
      content: `${comment}\n\nFrom: ${original.from?.emailAddress.name ?? 'unknown'}\nSent: ${original.sentDateTime}\n${quoted}`,
    },
    from: me,
    sender: me,
    toRecipients: kind === 'forward' ? to : unique([...sender, ...(kind === 'replyAll' ? others : []), ...to]),
    ccRecipients: unique([...(kind === 'replyAll' ? original.ccRecipients : []), ...cc]).filter(
      (recipient) => recipient.emailAddress.address !== mine,
    ),
    bccRecipients: bcc,
  });
  if (kind === 'forward') mailbox.adopt(draft, mailbox.attachments(original.id));
  return draft;
}

function unique(recipients: Recipient[]): Recipient[] {
  return [...new Map(recipients.map((recipient) => [recipient.emailAddress.address, recipient])).values()];
}
