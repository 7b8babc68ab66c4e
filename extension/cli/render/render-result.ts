// Draws a tool result by the shape of what is in it; nothing in it can steer the terminal.
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { requestCounts } from '../../results/result-document.ts';
import { readResult, type ResultPart } from '../../results/result-parts.ts';
import { shapeOf, type ResultShape } from '../../results/result-shape.ts';
import { safeLink } from '../../results/safe-link.ts';
import { sizeText } from '../../results/time-text.ts';
import { wrap } from '../terminal-text.ts';
import { renderAgenda, renderEvent } from './render-agenda.ts';
import { renderAgents, renderFiles, renderPeople } from './render-directory.ts';
import { renderMail, renderMailList } from './render-mail.ts';
import { renderChats, renderMessages } from './render-teams.ts';
import { renderValue } from './render-value.ts';
import type { View } from './view.ts';

/** Lines without line breaks. `result` is an MCP `CallToolResult` as the server sent it. */
export function renderResult(result: unknown, view: View): string[] {
  const { parts, correlationIds, isError } = readResult(result);
  const { colors } = view;
  const blocks = parts.map((part) => renderPart(part, view));
  if (blocks.length === 0)
    blocks.push([colors.dim(isError ? 'The tool failed without a reason.' : 'Done; the tool returned no content.')]);
  const { requests, failed } = requestCounts(parts);
  if (failed > 0 && requests > 1) blocks.push([colors.yellow(`${failed} of ${requests} requests failed.`)]);
  if ((isError || failed > 0) && correlationIds.length > 0) {
    blocks.push([colors.dim(`Correlation id: ${cleanLine(correlationIds.join(', '))}`)]);
  }
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function renderPart(part: ResultPart, view: View): string[] {
  const { colors } = view;
  switch (part.kind) {
    case 'text':
      return wrap(cleanBlock(part.text).trim(), view.width);
    case 'done':
      return [colors.green(doneText(part.status))];
    case 'failure': {
      const request = part.position === undefined ? undefined : `request ${part.position}:`;
      const name = [request, part.status, part.code].filter((item) => item !== undefined).join(' ');
      return wrap(cleanLine(`✖ ${name}${name === '' ? '' : ': '}${part.message}`), view.width).map((line) =>
        colors.red(line),
      );
    }
    case 'file':
      return [fileLine(part, view)];
    case 'value':
      return [
        ...(part.status === 201 ? [colors.green(doneText(part.status))] : []),
        ...renderShape(shapeOf(part.value), view),
      ];
  }
}

function renderShape(shape: ResultShape, view: View): string[] {
  const { colors } = view;
  switch (shape.kind) {
    case 'empty':
      return [colors.dim('Nothing found.')];
    case 'other':
      return renderValue(shape.value, view);
    case 'blob':
      return [fileLine({ name: shape.name, mimeType: shape.mimeType, bytes: shape.bytes, uri: undefined }, view)];
    case 'answer':
      return [
        ...wrap(cleanBlock(shape.text).trim(), view.width).map((line) => emphasise(line, view)),
        ...(shape.citations.length === 0 ? [] : ['']),
        ...shape.citations.map(({ title, url, type }, index) => {
          const kind = type === undefined ? '' : ` (${type})`;
          // Whole, so that it can be opened; what is no safe address is left out.
          const address = safeLink(url);
          return colors.dim(`[${index + 1}] ${cleanLine(title)}${kind}${address === undefined ? '' : `  ${address}`}`);
        }),
        ...(shape.conversationId === undefined
          ? []
          : ['', colors.dim(`Conversation: ${cleanLine(shape.conversationId)}`)]),
      ];
    case 'mails':
    case 'events':
    case 'chats':
    case 'messages':
    case 'files':
    case 'people':
    case 'agents':
      return [...renderItems(shape, view), ...(shape.more ? [colors.dim(moreText(shape.next))] : [])];
  }
}

function moreText(next: string | undefined): string {
  const page = next === undefined ? '' : ` (${cleanLine(next)})`;
  return `… there are more; ask for the next page${page} or a narrower filter.`;
}

function renderItems(shape: Extract<ResultShape, { single: boolean }>, view: View): string[] {
  switch (shape.kind) {
    case 'mails':
      return shape.single ? shape.items.flatMap((mail) => renderMail(mail, view)) : renderMailList(shape.items, view);
    case 'events':
      return shape.single ? shape.items.flatMap((event) => renderEvent(event, view)) : renderAgenda(shape.items, view);
    case 'chats':
      return renderChats(shape.items, view);
    case 'messages':
      return renderMessages(shape.items, view);
    case 'files':
      return renderFiles(shape.items, view);
    case 'people':
      return renderPeople(shape.items, view);
    case 'agents':
      return renderAgents(shape.items, view);
  }
}

/** Copilot writes **bold** and citation marks like [^1^]. */
function emphasise(line: string, { colors }: View): string {
  return line
    .replace(/\*\*([^*]+)\*\*/g, (_, text: string) => colors.bold(text))
    .replace(/\[\^(\d+)\^\]/g, (_, number: string) => colors.dim(`[${number}]`));
}

function doneText(status: number): string {
  if (status === 201) return '✔ Created.';
  if (status === 202) return '✔ Accepted.';
  if (status === 204) return '✔ Done; nothing to return.';
  return `✔ Done (${status}).`;
}

function fileLine(
  file: { name: string; mimeType: string | undefined; bytes: number | undefined; uri: string | undefined },
  view: View,
): string {
  const details = [file.mimeType, file.bytes === undefined ? undefined : sizeText(file.bytes), file.uri]
    .filter((item) => item !== undefined && item !== file.name)
    .join(', ');
  return `${view.colors.bold(cleanLine(file.name))}${details === '' ? '' : view.colors.dim(`  ${cleanLine(details)}`)}`;
}
