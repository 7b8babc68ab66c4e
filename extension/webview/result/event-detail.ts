// One event, to be read.
import { html, nothing, type TemplateResult } from 'lit';
import { agendaOf } from '../../results/agenda.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { availabilityText } from '../../results/code-words.ts';
import type { CalendarEvent } from '../../results/graph-items.ts';
import { bodyText, recipientFull, recipientName, subjectText } from '../../results/item-text.ts';
import { safeLink } from '../../results/safe-link.ts';
import type { TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import { link } from './link.ts';
import './long-text.ts';
import './mail-message.css';

const shownAttendees = 30;

/** Where the online meeting is. */
export function joinAddress({ onlineMeeting, onlineMeetingUrl }: CalendarEvent): string | undefined {
  return safeLink(onlineMeeting?.joinUrl) ?? safeLink(onlineMeetingUrl);
}

export function eventDetail(event: CalendarEvent, times: TimeText): TemplateResult {
  const text = bodyText(event.body, event.bodyPreview, { links: true });
  const [day] = agendaOf([event], times);
  const when = [day?.entries[0]?.start, day?.entries[0]?.end]
    .filter(Boolean)
    .join(' – ')
    .concat(day?.entries[0]?.note ? `, ${day.entries[0].note}` : '');
  const where = cleanLine(event.location?.displayName ?? '');
  const availability = availabilityText(event.showAs);
  const join = joinAddress(event);
  const attendees = event.attendees ?? [];
  const rest = attendees.length - shownAttendees;
  return html`<article class="message">
    <h2 class="message-subject ${event.isCancelled ? 'struck' : ''}"><bdi>${subjectText(event.subject)}</bdi></h2>
    <div class="event-facts">
      ${event.isCancelled ? html`<p class="event-line">${icon('circle-slash')}Cancelled</p>` : nothing}
      <p class="event-line">${icon('clock')}<span>${day?.title ?? ''}, ${when}</span></p>
      ${availability === undefined ? nothing : html`<p class="event-line">${icon('circle-outline')}${availability}</p>`}
      ${where === '' ? nothing : html`<p class="event-line">${icon('location')}<bdi>${where}</bdi></p>`}
      ${event.organizer ? html`<p class="event-line">${icon('person')}<bdi>${recipientFull(event.organizer)}</bdi></p>` : nothing}
      ${
        attendees.length === 0
          ? nothing
          : html`<p class="event-line">
              ${icon('organization')}<bdi
                >${attendees.slice(0, shownAttendees).map(recipientName).filter(Boolean).join(', ')}${rest > 0 ? ` and ${rest} more` : nothing}</bdi
              >
            </p>`
      }
      ${join === undefined ? nothing : html`<p class="event-line">${icon('device-camera-video')}${link('Join the meeting', join)}</p>`}
      ${safeLink(event.webLink) === undefined ? nothing : html`<p class="event-line">${icon('link-external')}${link('Open in Outlook', event.webLink)}</p>`}
    </div>
    ${text === '' ? nothing : html`<long-text .text=${text}></long-text>`}
  </article>`;
}
