// Mail as a list with a reading pane.
import { html, nothing, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import type { Mail } from '../../results/graph-items.ts';
import { mailTime, senderText, subjectText } from '../../results/item-text.ts';
import type { DrawnRow } from '../rows/virtual-rows.ts';
import { icon } from '../theme/icon.ts';
import { counted } from './filter-box.ts';
import { FilteredList } from './filtered-list.ts';
import './list-pane.ts';
import './mail-list.css';
import { importantMark } from './important-mark.ts';
import { mailMessage } from './mail-message.ts';

export class MailList extends FilteredList<Mail> {
  protected override searchText(mail: Mail): string {
    return `${senderText(mail)}\n${subjectText(mail.subject)}\n${mail.bodyPreview ?? ''}`;
  }

  protected override render(): TemplateResult {
    const { items, shown } = this;
    const unread = items.filter((mail) => mail.isRead === false).length;
    const hasPreview = items.some((mail) => Boolean(mail.bodyPreview));
    const hasText = hasPreview || items.some((mail) => Boolean(mail.body?.content));
    return html`${this.head('mail', counted(items.length, 'message'), unread === 0 ? [] : [`${unread.toLocaleString('en')} unread`])}
      <list-pane
        .label=${'Messages'}
        .detailLabel=${'Message'}
        .count=${shown.length}
        .height=${hasPreview ? 64 : 46}
        .version=${shown}
        .startsOpen=${hasText}
        .draw=${this.#draw}
        .drawDetail=${this.#drawDetail}
      ></list-pane>`;
  }

  readonly #draw = ({ index, id, isActive, place }: DrawnRow): TemplateResult => {
    const mail = this.item(index);
    if (mail === undefined) return html``;
    const isUnread = mail.isRead === false;
    const time = mailTime(mail);
    return html`<div
      class="row mail-row ${isActive ? 'active' : ''} ${isUnread ? 'unread' : ''}"
      role="option"
      id=${id}
      data-row=${index}
      aria-selected=${isActive}
      aria-setsize=${this.shown.length}
      aria-posinset=${index + 1}
      ${place}
    >
      <span class="mail-mark"
        >${isUnread ? html`<span class="dot" role="img" aria-label="Unread"></span>` : nothing}</span
      >
      <span class="mail-sender clip"><bdi>${senderText(mail)}</bdi></span>
      <span class="mail-time muted" title=${this.times.full(time)}>${this.times.moment(time)}</span>
      <span class="mail-subject clip"><bdi>${subjectText(mail.subject)}</bdi></span>
      <span class="mail-flags">
        ${mail.importance === 'high' ? importantMark() : nothing} ${mail.isDraft ? icon('edit', 'Draft') : nothing}
        ${mail.hasAttachments ? icon('attach', 'Has attachments') : nothing}
      </span>
      ${mail.bodyPreview ? html`<span class="mail-preview clip muted"><bdi>${cleanLine(mail.bodyPreview.slice(0, 300))}</bdi></span>` : nothing}
    </div>`;
  };

  readonly #drawDetail = (index: number): TemplateResult => {
    const mail = this.item(index);
    return mail === undefined ? html`` : mailMessage(mail, this.times);
  };
}

customElements.define('mail-list', MailList);
