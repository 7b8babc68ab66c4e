// Writes a result as markdown for pasting into notes, issues and chats; text of tools is escaped, so that it stays text.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { agendaOf } from './agenda.ts';
import { callerText } from './caller-text.ts';
import { cleanBlock, cleanLine } from './clean-text.ts';
import { escapePasted as escape } from './escape-pasted.ts';
import { chatKindText } from './code-words.ts';
import type { CalendarEvent, ChatMessage, Mail } from './graph-items.ts';
import {
  authorText,
  bodyText,
  chatTitle,
  fileSize,
  mailTime,
  memberNames,
  personAddress,
  personName,
  recipientFull,
  recipientName,
  senderText,
  subjectText,
} from './item-text.ts';
import { jsonText, scalarText } from './json-text.ts';
import { resultDocument, type Block, type CallContext } from './result-document.ts';
import { safeLink } from './safe-link.ts';
import { cellOf } from './table-model.ts';
import { durationText, sizeText, type TimeText } from './time-text.ts';

export function resultMarkdown(event: ToolResultEvent, times: TimeText, context?: CallContext): string {
  const { blocks, failed, requests, correlationIds } = resultDocument(event, context);
  const facts = [
    escape(event.server),
    escape(callerText(event.caller)),
    escape(times.moment(event.startedAt)),
    durationText(event.durationMs),
  ].filter(Boolean);
  const sections = blocks.map((block) =>
    [...(block.heading === undefined ? [] : [`### ${escape(block.heading)}`, '']), ...blockLines(block, times)].join(
      '\n',
    ),
  );
  return [
    `## ${escape(event.tool)}`,
    `*${facts.join(' · ')}*`,
    ...(failed > 0 && requests > 1 ? [`**${failed} of ${requests} requests failed.**`] : []),
    ...sections,
    ...(failed > 0 && correlationIds.length > 0 ? [`Correlation id: ${code(correlationIds.join(', '))}`] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

function blockLines(block: Block, times: TimeText): string[] {
  switch (block.kind) {
    case 'mails':
      return block.single
        ? block.items.flatMap((mail) => mailLines(mail, times))
        : withMore(
            table(
              ['', 'From', 'Subject', 'Received'],
              block.items.map((mail) => [
                mail.isRead === false ? '●' : '',
                escape(senderText(mail)),
                link(subjectText(mail.subject), mail.webLink),
                escape(times.moment(mailTime(mail))),
              ]),
            ),
            block.more,
          );
    case 'events':
      return withMore(agendaLines(block.items, block.single, times), block.more);
    case 'people':
      return withMore(
        table(
          ['Name', 'Address', 'Title', 'Department', 'Office', 'Phone'],
          block.items.map((person) => [
            escape(personName(person)),
            escape(personAddress(person)),
            ...[person.jobTitle, person.department, person.officeLocation, person.businessPhones?.[0]].map((text) =>
              escape(text ?? ''),
            ),
          ]),
        ),
        block.more,
      );
    case 'chats':
      return withMore(
        table(
          ['Chat', 'Kind', 'Members', 'Updated'],
          block.items.map((chat) => [
            link(chatTitle(chat), chat.webUrl),
            escape(chatKindText(chat.chatType)),
            escape(memberNames(chat)),
            escape(times.moment(chat.lastUpdatedDateTime ?? '')),
          ]),
        ),
        block.more,
      );
    case 'messages':
      return withMore(
        block.items.flatMap((message) => messageLines(message, times)),
        block.more,
      );
    case 'files':
      return withMore(
        table(
          ['Name', 'Size', 'Modified'],
          block.items.map((file) => [
            link(file.name, file.webUrl),
            fileSize(file),
            escape(times.moment(file.lastModifiedDateTime ?? '')),
          ]),
        ),
        block.more,
      );
    case 'agents':
      return table(
        ['Agent', 'Provider', 'Id'],
        block.items.map(({ name, provider, agentId }) => [escape(name), escape(provider ?? ''), code(agentId)]),
      );
    case 'answer':
      return [
        // Markdown of its own; the marks of citations become plain ones.
        cleanBlock(block.text)
          .replace(/\[\^(\d+)\^\]/g, '[$1]')
          .trim(),
        ...(block.citations.length === 0 ? [] : ['']),
        ...block.citations.map(
          ({ title, url, type }, index) => `${index + 1}. ${link(title, url)}${type === undefined ? '' : ` (${type})`}`,
        ),
      ];
    case 'text':
      return fence(cleanBlock(block.text).trim(), '');
    case 'table':
      return withMore(
        table(
          block.table.columns.map(({ key }) => escape(key)),
          block.table.rows.map((row) => block.table.columns.map(({ key }) => escape(String(cellOf(row, key) ?? '')))),
        ),
        block.more,
      );
    case 'fields':
      return table(
        ['Field', 'Value'],
        Object.entries(block.value).map(([key, value]) => [
          escape(key),
          typeof value === 'string'
            ? escape(value)
            : typeof value === 'object' && value !== null
              ? code(jsonText(value))
              : code(scalarText(value)),
        ]),
      );
    case 'json':
      return fence(cleanBlock(jsonText(block.value, { indent: 2 })), 'json');
    case 'image':
    case 'attachment': {
      const details = [block.mimeType, block.bytes === undefined ? undefined : sizeText(block.bytes)].filter(Boolean);
      const name = block.kind === 'attachment' ? link(block.name, block.uri) : escape(block.name);
      return [`${name}${details.length === 0 ? '' : ` (${escape(details.join(', '))})`}`];
    }
    case 'done':
      return [escape(block.text)];
    case 'empty':
      return ['Nothing found.'];
    case 'error': {
      const { card } = block;
      return [
        `**${escape(card.title)}** (${code(card.code)})`,
        '',
        escape(card.meaning),
        ...(card.message === '' ? [] : ['', ...quote(card.message)]),
        '',
        `Next: ${escape(card.advice)}${card.retryHint === undefined ? '' : ` ${escape(card.retryHint)}`}`,
        ...(card.requestId === undefined ? [] : ['', `Request id: ${code(card.requestId)}`]),
      ];
    }
    case 'failure':
      return [
        `**${escape(block.title)}**${block.meaning === undefined ? '' : ` ${escape(block.meaning)}`}`,
        '',
        ...quote(block.message),
      ];
    case 'absent':
      return [
        block.bytes === undefined ? 'No result was kept.' : `The result (${sizeText(block.bytes)}) was not kept.`,
      ];
  }
}

function mailLines(mail: Mail, times: TimeText): string[] {
  const field = (name: string, value: string): string[] => (value === '' ? [] : [`**${name}:** ${value}  `]);
  const list = (recipients: Mail['toRecipients']): string => escape((recipients ?? []).map(recipientFull).join(', '));
  const text = bodyText(mail.body, mail.bodyPreview);
  return [
    `### ${link(subjectText(mail.subject), mail.webLink)}`,
    '',
    ...field('From', escape(recipientFull(mail.from))),
    ...field('To', list(mail.toRecipients)),
    ...field('Cc', list(mail.ccRecipients)),
    ...field('Date', escape(times.moment(mailTime(mail)))),
    ...(text === '' ? [] : ['', ...quote(text)]),
  ];
}

function agendaLines(events: readonly CalendarEvent[], single: boolean, times: TimeText): string[] {
  return agendaOf(events, times).flatMap(({ title, nearness, entries }, index) => [
    ...(index === 0 ? [] : ['']),
    `### ${escape(title)}${nearness === undefined ? '' : ` (${nearness.toLowerCase()})`}`,
    '',
    ...entries.flatMap(({ event, start, end, note }) => {
      const time = [start, end].filter(Boolean).join(' – ');
      const subject = link(subjectText(event.subject), event.webLink);
      const details = [
        event.isCancelled ? 'cancelled' : '',
        escape(note),
        escape(event.location?.displayName ?? ''),
        escape(recipientName(event.organizer)),
        event.onlineMeeting?.joinUrl ? link('Join', event.onlineMeeting.joinUrl) : '',
      ].filter(Boolean);
      const text = single ? bodyText(event.body, event.bodyPreview) : '';
      return [
        `- **${escape(time)}** ${event.isCancelled ? `~~${subject}~~` : subject}${details.length === 0 ? '' : ` · ${details.join(' · ')}`}`,
        ...(text === '' ? [] : ['', ...quote(text)]),
      ];
    }),
  ]);
}

function messageLines(message: ChatMessage, times: TimeText): string[] {
  const time = times.moment(message.createdDateTime);
  return [
    `**${escape(authorText(message))}** · ${escape(time)}`,
    '',
    ...quote(bodyText(message.body, message.summary) || '(no text)'),
    '',
  ];
}

function withMore(lines: string[], more: boolean): string[] {
  return more ? [...lines, '', '*There are more; ask for the next page or a narrower filter.*'] : lines;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function quote(text: string): string[] {
  return cleanBlock(text)
    .split('\n')
    .map((line) => `> ${escape(line)}`.trimEnd());
}

function fence(text: string, language: string): string[] {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const mark = '`'.repeat(longest + 1);
  return [`${mark}${language}`, text, mark];
}

function code(text: string): string {
  return `\`${cleanLine(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

function link(text: string, url: string | null | undefined): string {
  const href = safeLink(url);
  return href === undefined ? escape(text) : `[${escape(text)}](<${href.replace(/[<>]/g, encodeURIComponent)}>)`;
}
