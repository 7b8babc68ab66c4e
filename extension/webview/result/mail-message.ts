// One mail, to be read.
import { html, nothing, type TemplateResult } from 'lit';
import type { Mail } from '../../results/graph-items.ts';
import { bodyText, mailTime, recipientFull, recipientName, senderText, subjectText } from '../../results/item-text.ts';
import type { TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import { avatar } from './avatar.ts';
import { importantMark } from './important-mark.ts';
import { link } from './link.ts';
import './long-text.ts';
import './mail-message.css';

const shownRecipients = 20;

export function mailMessage(mail: Mail, times: TimeText): TemplateResult {
  const text = bodyText(mail.body, mail.bodyPreview, { links: true });
  const time = mailTime(mail);
  const isCut = !mail.body?.content && Boolean(mail.bodyPreview);
  return html`<article class="message">
    <h2 class="message-subject"><bdi>${subjectText(mail.subject)}</bdi></h2>
    <div class="message-head">
      ${avatar(senderText(mail))}
      <div class="message-people">
        <div><bdi class="strong">${recipientFull(mail.from) || senderText(mail)}</bdi></div>
        ${recipients('To', mail.toRecipients)} ${recipients('Cc', mail.ccRecipients)}
      </div>
      <div class="message-facts muted">
        ${time === '' ? nothing : html`<time title=${times.full(time)}>${times.moment(time)}</time>`}
        ${mail.importance === 'high' ? html`<span>${importantMark()} High importance</span>` : nothing}
        ${mail.isDraft ? html`<span>${icon('edit')}Draft</span>` : nothing}
        ${mail.hasAttachments ? html`<span>${icon('attach')}Attachments</span>` : nothing}
        ${mail.webLink ? html`<span>${link(html`${icon('link-external')}Open`, mail.webLink)}</span>` : nothing}
      </div>
    </div>
    ${
      text === ''
        ? html`<p class="muted">The result carries no text of this message.</p>`
        : html`<long-text .text=${text}></long-text>`
    }
    ${isCut ? html`<p class="muted">Only a preview of the text was asked for.</p>` : nothing}
  </article>`;
}

function recipients(name: string, all: Mail['toRecipients']): TemplateResult | typeof nothing {
  if (!all || all.length === 0) return nothing;
  const rest = all.length - shownRecipients;
  return html`<div class="muted">
    ${name}
    ${all
      .slice(0, shownRecipients)
      .map(
        (recipient, index) =>
          html`${index > 0 ? ', ' : ''}<bdi title=${recipientFull(recipient)}>${recipientName(recipient)}</bdi>`,
      )}${rest > 0 ? ` and ${rest} more` : nothing}
  </div>`;
}
