// Events as an agenda by day, with a pane for what an event says.
import { html, nothing, type TemplateResult } from 'lit';
import { agendaOf, type AgendaDay, type AgendaEntry } from '../../results/agenda.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { zoneText } from '../../results/code-words.ts';
import type { CalendarEvent } from '../../results/graph-items.ts';
import { recipientName, subjectText } from '../../results/item-text.ts';
import type { DrawnRow } from '../rows/virtual-rows.ts';
import { icon } from '../theme/icon.ts';
import { eventDetail, joinAddress } from './event-detail.ts';
import './event-list.css';
import { counted } from './filter-box.ts';
import { FilteredList } from './filtered-list.ts';
import { link } from './link.ts';
import './list-pane.ts';

type Row = { kind: 'day'; day: AgendaDay } | { kind: 'now' } | { kind: 'entry'; entry: AgendaEntry; day: AgendaDay };

const heights = { day: 38, now: 13, entry: 46 } as const;

export class EventList extends FilteredList<CalendarEvent> {
  #rows: readonly Row[] = [];

  protected override searchText(event: CalendarEvent): string {
    return `${subjectText(event.subject)}\n${event.location?.displayName ?? ''}\n${recipientName(event.organizer)}`;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    if (changed.has('shown') || changed.has('times')) this.#rows = this.#agenda();
  }

  protected override render(): TemplateResult {
    const rows = this.#rows;
    return html`${this.head('calendar', counted(this.items.length, 'event'), [zoneText(this.times.timeZone, this.times)])}
      <list-pane
        .label=${'Agenda'}
        .detailLabel=${'Event'}
        .count=${rows.length}
        .height=${(index: number) => heights[rows[index]?.kind ?? 'entry']}
        .skips=${(index: number) => rows[index]?.kind !== 'entry'}
        .version=${rows}
        .draw=${this.#draw}
        .drawDetail=${this.#drawDetail}
      ></list-pane>`;
  }

  #agenda(): Row[] {
    const events = this.shown.map((index) => this.items[index]).filter((event) => event !== undefined);
    return agendaOf(events, this.times).flatMap((day): Row[] => {
      const entries = day.entries.map((entry): Row => ({ kind: 'entry', entry, day }));
      if (day.nowBefore !== undefined) entries.splice(day.nowBefore, 0, { kind: 'now' });
      return [{ kind: 'day', day }, ...entries];
    });
  }

  readonly #draw = (row: DrawnRow): TemplateResult => {
    const shown = this.#rows[row.index];
    if (shown === undefined) return html``;
    if (shown.kind === 'day') return this.#drawDay(shown.day, row);
    if (shown.kind === 'now') {
      return html`<div class="row now-row" role="presentation" ${row.place}>
        <span class="now-line" role="img" aria-label="Now" title="Now, ${this.times.time(this.times.now)}"></span>
      </div>`;
    }
    return this.#drawEntry(shown.entry, shown.day, row);
  };

  #drawDay({ title, nearness }: AgendaDay, { place }: DrawnRow): TemplateResult {
    return html`<div class="row day-row" role="presentation" ${place}>
      <h3><bdi>${title}</bdi></h3>
      ${nearness === undefined ? nothing : html`<span class="muted">${nearness}</span>`}
    </div>`;
  }

  #drawEntry({ event, start, end, note, phase }: AgendaEntry, day: AgendaDay, row: DrawnRow): TemplateResult {
    const { index, id, isActive, place } = row;
    const join = joinAddress(event);
    const where = cleanLine(event.location?.displayName ?? '');
    const details = [note, where, recipientName(event.organizer)].filter(Boolean);
    const subject = subjectText(event.subject);
    return html`<div
      class="row event-row ${isActive ? 'active' : ''} ${phase ?? ''} ${event.isCancelled ? 'cancelled' : ''} show-${showAs(event)}"
      role="option"
      id=${id}
      data-row=${index}
      aria-selected=${isActive}
      aria-label=${[
        subject,
        event.isCancelled ? 'cancelled' : '',
        day.title,
        [start, end].filter(Boolean).join(' to '),
        ...details,
      ]
        .filter(Boolean)
        .join(', ')}
      ${place}
    >
      <span class="event-time">
        <span>${start}</span>
        <span class="muted">${end}</span>
      </span>
      <span class="event-bar"></span>
      <span class="event-text">
        <span class="event-subject clip"><bdi>${subject}</bdi></span>
        <span class="event-place clip muted"><bdi>${details.join(' · ')}</bdi></span>
      </span>
      <span class="event-end">
        ${event.isCancelled ? html`<span class="tag">Cancelled</span>` : nothing}
        ${phase === 'now' && !event.isCancelled ? html`<span class="tag now-tag">Now</span>` : nothing}
        ${join === undefined || event.isCancelled ? nothing : html`<span class="join">${link(html`${icon('device-camera-video')}Join`, join)}</span>`}
      </span>
    </div>`;
  }

  readonly #drawDetail = (index: number): TemplateResult => {
    const row = this.#rows[index];
    return row?.kind === 'entry' ? eventDetail(row.entry.event, this.times) : html``;
  };
}

function showAs({ showAs: value }: CalendarEvent): 'busy' | 'free' | 'tentative' | 'oof' {
  return value === 'free' || value === 'tentative' || value === 'oof' ? value : 'busy';
}

customElements.define('event-list', EventList);
