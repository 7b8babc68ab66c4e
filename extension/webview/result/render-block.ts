// Draws each block of a result by its kind.
import { html, nothing, type TemplateResult } from 'lit';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import type { Chat } from '../../results/graph-items.ts';
import { agentTable, chatTable } from '../../results/item-tables.ts';
import { looksLikeMarkdown } from '../../results/looks-like-markdown.ts';
import type { Paging } from '../../results/panel-messages.ts';
import type { Block } from '../../results/result-document.ts';
import type { TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import './data-table.ts';
import { eventDetail } from './event-detail.ts';
import './event-list.ts';
import { fieldsView } from './fields-view.ts';
import { attachmentView, fileList, imageView } from './file-views.ts';
import { counted } from './filter-box.ts';
import './json-view.ts';
import { link } from './link.ts';
import { loadMore } from './load-more.ts';
import './long-text.ts';
import './mail-list.ts';
import { mailMessage } from './mail-message.ts';
import './markdown-view.ts';
import './message-list.ts';
import { absentNotice, copied, doneNotice, emptyNotice, errorNotice, failureNotice } from './notices.ts';
import './people-cards.ts';

export interface BlockContext {
  times: TimeText;
  /** The block is all there is and takes the whole page. */
  fills: boolean;
  /** Its number among the blocks of the result, from 0. */
  index: number;
  paging: Paging | undefined;
}

/** Whether the block has a scroll bar of its own when it takes the whole page. */
export function scrollsItself(block: Block): boolean {
  switch (block.kind) {
    case 'mails':
    case 'events':
      return !block.single;
    case 'files':
    case 'chats':
    case 'agents':
    case 'table':
    case 'json':
      return true;
    default:
      return false;
  }
}

export function renderBlock(block: Block, context: BlockContext): TemplateResult {
  return html`<div class="block block-${block.kind} ${context.fills ? 'fill' : ''}">
    ${block.heading === undefined ? nothing : html`<h2 class="block-heading">${block.heading}</h2>`}
    ${content(block, context)} ${'next' in block ? loadMore(block.next, context) : nothing}
  </div>`;
}

function content(block: Block, { times, index }: BlockContext): TemplateResult {
  switch (block.kind) {
    case 'mails':
      return block.single
        ? html`<div class="reading">${block.items.map((mail) => mailMessage(mail, times))}</div>`
        : html`<mail-list .items=${block.items} .more=${block.more} .times=${times}></mail-list>`;
    case 'events':
      return block.single
        ? html`<div class="reading">${block.items.map((event) => eventDetail(event, times))}</div>`
        : html`<event-list .items=${block.items} .more=${block.more} .times=${times}></event-list>`;
    case 'people':
      return html`<people-cards .items=${block.items} .more=${block.more} .times=${times}></people-cards>`;
    case 'messages':
      return html`<message-list .items=${block.items} .more=${block.more} .times=${times}></message-list>`;
    case 'files':
      return fileList(block.items, block.more, times);
    case 'chats':
      return html`<data-table
        .model=${chatTable(block.items)}
        .label=${counted(block.items.length, 'chat')}
        .iconName=${'comment-discussion'}
        .more=${block.more}
        .times=${times}
        .drawCell=${(row: number, key: string) => chatCell(block.items[row], key)}
      ></data-table>`;
    case 'agents':
      return html`<data-table
        .model=${agentTable(block.items)}
        .label=${counted(block.items.length, 'agent')}
        .iconName=${'copilot'}
        .more=${block.more}
        .times=${times}
      ></data-table>`;
    case 'table':
      return html`<data-table
        .model=${block.table}
        .label=${counted(block.table.rows.length, 'row')}
        .more=${block.more}
        .times=${times}
        .hasDetail=${true}
      ></data-table>`;
    case 'answer':
      return html`<div class="reading">
        <markdown-view .text=${block.text} .citations=${block.citations}></markdown-view>
        ${block.conversationId === undefined ? nothing : html`<p class="support muted">${copied('Conversation', block.conversationId)}</p>`}
      </div>`;
    case 'text':
      return html`<div class="reading">
        ${
          looksLikeMarkdown(block.text)
            ? html`<markdown-view .text=${block.text}></markdown-view>`
            : html`<long-text .text=${cleanBlock(block.text).trim()}></long-text>`
        }
      </div>`;
    case 'fields':
      return fieldsView(block.value, times);
    case 'json':
      return html`<json-view .value=${block.value}></json-view>`;
    case 'image':
      return imageView(block, index);
    case 'attachment':
      return attachmentView(block, index);
    case 'done':
      return doneNotice(block.text);
    case 'empty':
      return emptyNotice();
    case 'error':
      return errorNotice(block.card);
    case 'failure':
      return failureNotice(block.title, block.meaning, block.message);
    case 'absent':
      return absentNotice(block.bytes);
  }
}

function chatCell(chat: Chat | undefined, key: string): TemplateResult | undefined {
  if (chat === undefined || key !== 'title') return undefined;
  const title = cleanLine(chatTable([chat]).rows[0]?.['title'] as string);
  const iconName =
    chat.chatType === 'oneOnOne' ? 'account' : chat.chatType === 'meeting' ? 'device-camera-video' : 'organization';
  return html`<span class="file-name">${icon(iconName)}<bdi title=${title}>${link(title, chat.webUrl)}</bdi></span>`;
}
