// The words shown for each thing of Microsoft Graph, cleaned; the page and the markdown are made of the same ones.
import { cleanBlock, cleanLine } from './clean-text.ts';
import { chatKindText } from './code-words.ts';
import { withoutLinkMarks } from './link-marks.ts';
import { htmlToText, type HtmlTextOptions } from './html-text.ts';
import type { Chat, ChatMessage, DriveFile, Mail, Person } from './graph-items.ts';
import { sizeText } from './time-text.ts';

type Recipient = Mail['from'];

interface Body {
  contentType?: string | null | undefined;
  content?: string | null | undefined;
}

export function subjectText(subject: string | null | undefined): string {
  return cleanLine(subject ?? '') || '(no subject)';
}

/** The name, or the address where there is none. */
export function recipientName(recipient: Recipient): string {
  return cleanLine(recipient?.emailAddress.name || recipient?.emailAddress.address || '');
}

/** "Rob Young <rob@contoso.example>". */
export function recipientFull(recipient: Recipient): string {
  const name = cleanLine(recipient?.emailAddress.name ?? '');
  const address = cleanLine(recipient?.emailAddress.address ?? '');
  return name !== '' && address !== '' && name !== address ? `${name} <${address}>` : name || address;
}

/** The words of a body, without anything that could act; the preview when there is no body. */
export function bodyText(
  body: Body | null | undefined,
  preview: string | null | undefined,
  options?: HtmlTextOptions,
): string {
  const content = body?.content;
  const text =
    content && /html/i.test(body?.contentType ?? '')
      ? htmlToText(content, options)
      : withoutLinkMarks(content || (preview ?? ''));
  return cleanBlock(text).trim();
}

export function senderText(mail: Mail): string {
  return recipientName(mail.from) || (mail.isDraft ? '(draft)' : '(no sender)');
}

export function mailTime(mail: Mail): string {
  return mail.receivedDateTime ?? mail.sentDateTime ?? '';
}

export function authorText({ from }: ChatMessage): string {
  return (
    cleanLine(
      from?.user?.displayName ||
        from?.emailAddress?.name ||
        from?.emailAddress?.address ||
        from?.application?.displayName ||
        '',
    ) || '(system)'
  );
}

export function chatTitle(chat: Chat): string {
  return (
    cleanLine(chat.topic ?? '') || memberNames(chat) || `${chatKindText(chat.chatType)} chat without a topic`.trim()
  );
}

export function memberNames({ members }: Chat): string {
  return cleanLine(
    (members ?? [])
      .map(({ displayName }) => displayName ?? '')
      .filter(Boolean)
      .join(', '),
  );
}

/** "18 kB", "4 items", or empty. */
export function fileSize({ folder, size }: DriveFile): string {
  if (folder) {
    const count = folder.childCount;
    return typeof count === 'number' ? `${count} ${count === 1 ? 'item' : 'items'}` : '';
  }
  return typeof size === 'number' ? sizeText(size) : '';
}

export function personName({ displayName }: Person): string {
  return cleanLine(displayName ?? '') || '(no name)';
}

export function personAddress({ mail, userPrincipalName, scoredEmailAddresses }: Person): string {
  return cleanLine(mail || userPrincipalName || scoredEmailAddresses?.[0]?.address || '');
}
