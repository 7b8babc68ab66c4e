// Puts the seeded letters and drafts into the mailboxes: the sender's Sent Items and each internal recipient's folder.
import { startOf } from './agenda.ts';
import { at, dayName, instant, minutesLater, type Days } from './days.ts';
import { exchangeId } from './identity.ts';
import type { Letter } from './letter.ts';
import { officeLetters } from './letters-office.ts';
import { projectLetters } from './letters-projects.ts';
import type { Mailbox, MessageFields } from './mailbox.ts';
import type { Meetings } from './seed-calendar.ts';
import { MAIL_ATTACHMENTS } from './seed-attachments.ts';
import type { Tenant } from './tenant.ts';

export function seedMail(tenant: Tenant, days: Days, meetings: Meetings): void {
  for (const mailbox of tenant.mailboxes.values()) {
    mailbox.addFolder('Customers', 'customers');
    mailbox.addFolder('Newsletters', 'newsletters');
  }
  for (const letter of [...projectLetters(days, meetings), ...officeLetters(days, meetings)])
    post(tenant, days, letter);
  for (const draft of drafts(meetings)) {
    const adele = mailboxOf(tenant, 'adele');
    const me = tenant.directory.recipient('adele');
    const to = draft.to.map((key) => tenant.directory.recipient(key));
    adele.add(
      {
        subject: draft.subject,
        body: { contentType: 'text', content: draft.text },
        toRecipients: to,
        from: me,
        sender: me,
        receivedDateTime: instant(minutesLater(days.now, -draft.minutesAgo)),
      },
      draft.key,
    );
  }
}

/** Files a letter in the sender's Sent Items and in the inboxes of its internal recipients. */
function post(tenant: Tenant, days: Days, letter: Letter): void {
  const { directory } = tenant;
  const moment =
    typeof letter.when === 'number'
      ? minutesLater(days.now, -letter.when)
      : at(days.workday(letter.when[0]), letter.when[1]);
  const sender = directory.recipient(letter.from);
  const fields: MessageFields = {
    subject: letter.subject,
    body: { contentType: 'html', content: toHtml(letter.text) },
    from: sender,
    sender,
    toRecipients: letter.to.map((key) => directory.recipient(key)),
    ccRecipients: (letter.cc ?? []).map((key) => directory.recipient(key)),
    receivedDateTime: instant(moment),
    conversationId: exchangeId(`conversation/${letter.thread ?? letter.key}`),
    importance: letter.importance ?? 'normal',
    inferenceClassification: letter.other ? 'other' : 'focused',
    isDraft: false,
  };
  const insiders = [...letter.to, ...(letter.cc ?? [])].filter((key) =>
    directory.find(directory.recipient(key).emailAddress.address),
  );
  for (const key of insiders) {
    const mailbox = mailboxOf(tenant, key);
    const folder =
      mailbox.folders.find((candidate) => candidate.displayName === letter.folder) ?? mailbox.wellKnown('inbox');
    const mine: MessageFields = { parentFolderId: folder.id, isRead: !letter.unreadBy?.includes(key) };
    if (letter.categories) mine.categories = letter.categories;
    if (letter.flagged) mine.flag = { flagStatus: 'flagged' };
    addWithFiles(mailbox, { ...fields, ...mine }, letter);
  }
  if (directory.find(sender.emailAddress.address)) {
    const mailbox = mailboxOf(tenant, letter.from);
    addWithFiles(mailbox, { ...fields, parentFolderId: mailbox.wellKnown('sentitems').id, isRead: true }, letter);
  }
}

function addWithFiles(mailbox: Mailbox, fields: MessageFields, letter: Letter): void {
  const message = mailbox.add(fields, letter.key);
  for (const file of letter.files ?? []) mailbox.attach(message, MAIL_ATTACHMENTS[file], file);
}

function mailboxOf(tenant: Tenant, key: string): Mailbox {
  const mailbox = tenant.mailboxes.get(tenant.directory.named(key).id);
  if (!mailbox) throw new Error(`${key} has no mailbox.`);
  return mailbox;
}

function toHtml(text: string): string {
  return text
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>')}</p>`)
    .join('\n');
}

function drafts(
  meetings: Meetings,
): { key: string; to: string[]; subject: string; text: string; minutesAgo: number }[] {
  return [
    {
      key: 'draft-notes',
      to: ['rob'],
      subject: 'Release notes for Project X',
      text: 'Hi Rob,\n\nthe draft is in Release notes.md. Missing: the part on reminders.\n',
      minutesAgo: 55,
    },
    {
      key: 'draft-priya',
      to: ['priya'],
      subject: 'Data retention in annex B',
      text: `Dear Priya,\n\nbefore our walkthrough on ${dayName(startOf(meetings.contractWalkthrough))}: `,
      minutesAgo: 1500,
    },
  ];
}
