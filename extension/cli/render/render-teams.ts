// Draws chats and the messages in them.
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { htmlToText } from '../../results/html-text.ts';
import type { Chat, ChatMessage } from '../../results/result-shape.ts';
import { columnWidth, cut, padEnd, wrap } from '../terminal-text.ts';
import { momentText } from './date-text.ts';
import type { View } from './view.ts';

export function renderChats(chats: readonly Chat[], view: View): string[] {
  const { colors } = view;
  const rows = chats.map((chat) => {
    const members = (chat.members ?? []).map(({ displayName }) => displayName ?? '').filter(Boolean);
    const title = cleanLine(chat.topic ?? '') || cleanLine(members.join(', ')) || '(no topic)';
    return {
      title,
      members: chat.topic ? cleanLine(members.join(', ')) : '',
      kind: cleanLine(chat.chatType),
      time: chat.lastUpdatedDateTime ? cleanLine(momentText(chat.lastUpdatedDateTime, view)) : '',
    };
  });
  const timeWidth = columnWidth(
    rows.map((row) => row.time),
    20,
  );
  const kindWidth = columnWidth(
    rows.map((row) => row.kind),
    10,
  );
  const titleWidth = columnWidth(
    rows.map((row) => row.title),
    Math.max(16, Math.floor(view.width / 3)),
  );
  return rows.map(({ title, members, kind, time }) =>
    [
      colors.dim(padEnd(cut(time, timeWidth), timeWidth)),
      colors.cyan(padEnd(cut(kind, kindWidth), kindWidth)),
      padEnd(cut(title, titleWidth), titleWidth),
      colors.dim(cut(members, Math.max(0, view.width - timeWidth - kindWidth - titleWidth - 6))),
    ]
      .join('  ')
      .trimEnd(),
  );
}

export function renderMessages(messages: readonly ChatMessage[], view: View): string[] {
  const { colors } = view;
  return messages.flatMap((message, index) => {
    const { from, body, summary } = message;
    const author =
      from?.user?.displayName ||
      from?.emailAddress?.name ||
      from?.emailAddress?.address ||
      from?.application?.displayName ||
      '(system)';
    const text = body?.content
      ? /html/i.test(body.contentType ?? '')
        ? htmlToText(body.content)
        : body.content
      : (summary ?? '');
    return [
      ...(index > 0 ? [''] : []),
      `${colors.bold(cut(cleanLine(author), 40))}  ${colors.dim(cleanLine(momentText(message.createdDateTime, view)))}`,
      ...wrap(cleanBlock(text).trim() || '(no text)', Math.max(20, view.width - 2)).map((line) => `  ${line}`),
    ];
  });
}
