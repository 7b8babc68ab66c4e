// The messages of a chat, one below the other.
import { virtualize } from '@lit-labs/virtualizer/virtualize.js';
import { html, nothing, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import type { ChatMessage } from '../../results/graph-items.ts';
import { authorText, bodyText } from '../../results/item-text.ts';
import { icon } from '../theme/icon.ts';
import { avatar } from './avatar.ts';
import { counted } from './filter-box.ts';
import { FilteredList } from './filtered-list.ts';
import { importantMark } from './important-mark.ts';
import { link } from './link.ts';
import './long-text.ts';
import './message-list.css';

/** From here on only the messages in sight are drawn. */
const many = 40;

export class MessageList extends FilteredList<ChatMessage> {
  protected override searchText(message: ChatMessage): string {
    return `${authorText(message)}\n${bodyText(message.body, message.summary)}`;
  }

  protected override render(): TemplateResult {
    const messages = this.shown.map((index) => this.items[index]).filter((message) => message !== undefined);
    this.#drawn = messages;
    return html`${this.head('comment-discussion', counted(this.items.length, 'message'), [])}
      <div class="messages" role="list" aria-label="Messages">
        ${messages.length > many ? virtualize({ items: messages, renderItem: this.#draw }) : messages.map(this.#draw)}
      </div>`;
  }

  /** As they stand one below the other. */
  #drawn: readonly ChatMessage[] = [];

  /** Above the first message of each day. */
  #dayLine(message: ChatMessage, before: ChatMessage | undefined): TemplateResult | typeof nothing {
    const day = this.#dayOf(message);
    if (day === undefined || day === (before && this.#dayOf(before))) return nothing;
    return html`<h3 class="chat-day muted">${this.times.nearness(day) ?? this.times.dayTitle(day)}</h3>`;
  }

  #dayOf({ createdDateTime }: ChatMessage): string | undefined {
    const instant = Date.parse(createdDateTime);
    return Number.isFinite(instant) ? this.times.dayKey(instant) : undefined;
  }

  readonly #draw = (message: ChatMessage, index: number): TemplateResult => {
    const author = authorText(message);
    const text = bodyText(message.body, message.summary, { links: true });
    const attachments = (message.attachments ?? []).map(({ name }) => cleanLine(name ?? '')).filter(Boolean);
    return html`<div class="chat-entry" role="listitem">
      ${this.#dayLine(message, this.#drawn[index - 1])}
      <div class="chat-message">
        ${avatar(author)}
        <div class="chat-text">
          <div class="chat-head">
            <bdi class="strong">${author}</bdi>
            <span class="muted" title=${this.times.full(message.createdDateTime)}
              >${this.times.moment(message.createdDateTime)}</span
            >
            ${message.importance === 'high' || message.importance === 'urgent' ? importantMark() : nothing}
            ${message.webUrl ? link(icon('link-external', 'Open'), message.webUrl) : nothing}
          </div>
          ${
            message.deletedDateTime
              ? html`<p class="muted">This message was deleted.</p>`
              : text === ''
                ? html`<p class="muted">(no text)</p>`
                : html`<long-text .text=${text}></long-text>`
          }
          ${attachments.map((name) => html`<div class="muted">${icon('attach')} <bdi>${name}</bdi></div>`)}
        </div>
      </div>
    </div>`;
  };
}

customElements.define('message-list', MessageList);
