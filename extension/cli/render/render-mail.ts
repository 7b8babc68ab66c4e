// Draws mail: a list with one line each, or one message with its text.
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { htmlToText } from '../../results/html-text.ts';
import type { Mail } from '../../results/result-shape.ts';
import { columnWidth, cut, padEnd, wrap } from '../terminal-text.ts';
import { momentText } from './date-text.ts';
import type { View } from './view.ts';

export function renderMailList(mails: readonly Mail[], view: View): string[] {
  const { colors } = view;
  const rows = mails.map((mail) => ({
    mail,
    sender: cleanLine(personOf(mail.from) || (mail.isDraft ? '(draft)' : '(no sender)')),
    time: timeOf(mail, view),
  }));
  const senderWidth = columnWidth(
    rows.map((row) => row.sender),
    Math.max(12, Math.min(28, Math.floor(view.width / 4))),
  );
  const timeWidth = columnWidth(
    rows.map((row) => row.time),
    20,
  );
  return rows.map(({ mail, sender, time }) => {
    const isUnread = mail.isRead === false;
    const marks = `${mail.importance === 'high' ? '!' : ' '}${mail.hasAttachments ? '+' : ' '}`;
    const subject = cut(subjectOf(mail), Math.max(10, view.width - timeWidth - senderWidth - 9));
    return [
      isUnread ? colors.cyan('●') : ' ',
      colors.dim(padEnd(cut(time, timeWidth), timeWidth)),
      padEnd(cut(sender, senderWidth), senderWidth),
      `${colors.yellow(marks)}${isUnread ? colors.bold(subject) : subject}`,
    ]
      .join('  ')
      .trimEnd();
  });
}

export function renderMail(mail: Mail, view: View): string[] {
  const { colors } = view;
  const field = (name: string, value: string): string[] =>
    value === '' ? [] : [`${colors.dim(padEnd(name, 8))} ${cut(cleanLine(value), Math.max(20, view.width - 9))}`];
  const text = mail.body?.content
    ? /html/i.test(mail.body.contentType ?? '')
      ? htmlToText(mail.body.content)
      : mail.body.content
    : (mail.bodyPreview ?? '');
  return [
    colors.bold(cut(subjectOf(mail), view.width)),
    ...field('From', addressOf(mail.from)),
    ...field('To', (mail.toRecipients ?? []).map(addressOf).join(', ')),
    ...field('Cc', (mail.ccRecipients ?? []).map(addressOf).join(', ')),
    ...field('Date', timeOf(mail, view)),
    ...(mail.isDraft ? field('State', 'draft') : []),
    ...(text === '' ? [] : ['', ...wrap(cleanBlock(text).trim(), view.width)]),
  ];
}

function subjectOf({ subject }: Mail): string {
  return cleanLine(subject ?? '') || '(no subject)';
}

function timeOf(mail: Mail, view: View): string {
  const text = mail.receivedDateTime ?? mail.sentDateTime;
  return text ? cleanLine(momentText(text, view)) : '';
}

function personOf(recipient: Mail['from']): string {
  return recipient?.emailAddress.name || recipient?.emailAddress.address || '';
}

function addressOf(recipient: Mail['from']): string {
  const { name, address } = recipient?.emailAddress ?? {};
  return name && address && name !== address ? `${name} <${address}>` : (name ?? address ?? '');
}
