// A table that sorts and filters; a chosen row shows all of its fields beside it.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import { arrangeRows, cellOf, type TableColumn, type TableModel } from '../../results/table-model.ts';
import type { TimeText } from '../../results/time-text.ts';
import type { DrawnRow } from '../rows/virtual-rows.ts';
import { icon } from '../theme/icon.ts';
import { LightElement } from '../theme/light-element.ts';
import { styled } from '../theme/style-properties.ts';
import './data-table.css';
import { filterFrom, listHead } from './filter-box.ts';
import './json-view.ts';
import { link } from './link.ts';
import './list-pane.ts';

const typingPauseMs = 120;
/** Characters that a column of text keeps when there is little room; numbers and times are never cut. */
const minWidth = 16;
/** Pixels between columns, on both sides of the rows, and that a person may make a column as narrow as. */
const gap = 20;
const narrowest = 40;
const keyStep = 16;

/** Draws a cell in its own way; `row` is the index in the model. */
export type DrawCell = (row: number, key: string) => TemplateResult | undefined;

export class DataTable extends LightElement {
  static override properties = {
    model: { attribute: false },
    more: { attribute: false },
    times: { attribute: false },
    label: { attribute: false },
    iconName: { attribute: false },
    drawCell: { attribute: false },
    hasDetail: { attribute: false },
    filter: { state: true },
    sort: { state: true },
    shown: { state: true },
    widths: { state: true },
  };

  declare model: TableModel;
  declare more: boolean;
  declare times: TimeText;
  /** "12 files". */
  declare label: string;
  declare iconName: string;
  declare drawCell: DrawCell | undefined;
  declare hasDetail: boolean;
  declare filter: string;
  declare sort: { key: string; descending: boolean } | undefined;
  declare shown: readonly number[];
  /** Pixels of the columns that a person has set. */
  declare widths: ReadonlyMap<string, number>;

  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.model = { columns: [], rows: [] };
    this.more = false;
    this.label = '';
    this.iconName = 'table';
    this.hasDetail = false;
    this.filter = '';
    this.shown = [];
    this.widths = new Map();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('model')) [this.filter, this.sort, this.widths] = ['', undefined, new Map()];
    if (changed.has('model') || changed.has('filter') || changed.has('sort'))
      this.shown = arrangeRows(this.model, { filter: this.filter, sort: this.sort });
  }

  protected override render(): TemplateResult {
    const { model, shown, filter, widths } = this;
    return html`${listHead({
        iconName: this.iconName,
        title: this.label,
        details: filter === '' ? [] : [`${shown.length.toLocaleString('en')} shown`],
        more: this.more,
        filter,
        onFilter: model.rows.length < filterFrom ? undefined : this.#onFilter,
      })}
      <list-pane
        class="table-pane"
        .kind=${'grid' as const}
        .label=${this.label}
        .detailLabel=${'Fields of the row'}
        .count=${shown.length}
        .height=${26}
        .version=${shown}
        .head=${this.#head()}
        .draw=${this.#draw}
        .drawDetail=${this.hasDetail ? this.#drawDetail : undefined}
        ${styled({ '--columns': columnTracks(model.columns, widths), '--table-width': tableWidth(model.columns, widths) })}
      ></list-pane>`;
  }

  #head(): TemplateResult {
    return html`<div class="table-head" role="row" aria-rowindex="1">
      ${this.model.columns.map(({ key, label, kind }, index) => {
        const direction = this.sort?.key === key ? (this.sort.descending ? 'descending' : 'ascending') : 'none';
        return html`<div role="columnheader" class="cell ${kind}" aria-sort=${direction} aria-colindex=${index + 1}>
          <button type="button" title="Sort by ${cleanLine(label)}" @click=${() => this.#sortBy(key)}>
            <bdi class="clip">${cleanLine(label)}</bdi>
            ${direction === 'none' ? nothing : icon(direction === 'ascending' ? 'arrow-small-up' : 'arrow-small-down')}
          </button>
          <span
            class="resize"
            role="separator"
            aria-orientation="vertical"
            aria-label="Width of ${cleanLine(label)}"
            aria-valuenow=${this.widths.get(key) ?? nothing}
            tabindex="0"
            title="Drag to resize; double-click for the width of its content"
            @pointerdown=${(event: PointerEvent) => this.#resize(event, key)}
            @dblclick=${() => this.#setWidth(key, undefined)}
            @keydown=${(event: KeyboardEvent) => this.#resizeByKey(event, key)}
          ></span>
        </div>`;
      })}
    </div>`;
  }

  readonly #draw = ({ index, id, isActive, place }: DrawnRow): TemplateResult => {
    const row = this.shown[index] ?? -1;
    return html`<div
      class="row table-row ${isActive ? 'active' : ''}"
      role="row"
      id=${id}
      data-row=${index}
      aria-rowindex=${index + 2}
      aria-selected=${isActive}
      ${place}
    >
      ${this.model.columns.map(
        (column) => html`<div role="gridcell" class="cell clip ${column.kind}">${this.#cell(row, column)}</div>`,
      )}
    </div>`;
  };

  #cell(row: number, { key, kind }: TableColumn): TemplateResult {
    const own = this.drawCell?.(row, key);
    if (own !== undefined) return own;
    const value = cellOf(this.model.rows[row] ?? {}, key);
    if (value === null) return html``;
    if (kind === 'date' && typeof value === 'string')
      return html`<span title=${this.times.full(value)}>${this.times.dated(value)}</span>`;
    const text = cleanLine(String(value));
    return html`<bdi title=${text.length > 12 ? text : nothing}
      >${link(text, typeof value === 'string' ? value : undefined)}</bdi
    >`;
  }

  readonly #drawDetail = (index: number): TemplateResult =>
    html`<json-view class="in-pane" .value=${this.model.rows[this.shown[index] ?? -1]}></json-view>`;

  #setWidth(key: string, width: number | undefined): void {
    const widths = new Map(this.widths);
    if (width === undefined) widths.delete(key);
    else widths.set(key, Math.max(narrowest, Math.round(width)));
    this.widths = widths;
  }

  #resize(event: PointerEvent, key: string): void {
    const handle = event.currentTarget as HTMLElement;
    const before = columnOf(handle).offsetWidth;
    const start = event.clientX;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const move = ({ clientX }: PointerEvent): void => this.#setWidth(key, before + clientX - start);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
  }

  #resizeByKey(event: KeyboardEvent, key: string): void {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#setWidth(key, columnOf(event.currentTarget as HTMLElement).offsetWidth + direction * keyStep);
  }

  #sortBy(key: string): void {
    const { sort } = this;
    if (sort?.key !== key) this.sort = { key, descending: false };
    else this.sort = sort.descending ? undefined : { key, descending: true };
  }

  readonly #onFilter = (text: string): void => {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.filter = text;
    }, typingPauseMs);
  };
}

function columnOf(handle: HTMLElement): HTMLElement {
  return handle.closest<HTMLElement>('[role=columnheader]') ?? handle;
}

function columnTracks(columns: readonly TableColumn[], widths: ReadonlyMap<string, number>): string {
  return columns
    .map((column, index) => {
      const own = widths.get(column.key);
      if (own !== undefined) return `${own}px`;
      const least = leastWidth(column, index);
      // Room that is left goes to texts.
      return column.kind === 'text' ? `minmax(${least}ch, ${column.width}fr)` : `${least}ch`;
    })
    .join(' ');
}

function tableWidth(columns: readonly TableColumn[], widths: ReadonlyMap<string, number>): string {
  let [characters, pixels] = [0, columns.length * gap + gap];
  for (const [index, column] of columns.entries()) {
    const own = widths.get(column.key);
    if (own === undefined) characters += leastWidth(column, index);
    else pixels += own;
  }
  return `calc(${characters}ch + ${pixels}px)`;
}

/** The first column is mostly the name of the thing. */
function leastWidth({ width, kind }: TableColumn, index: number): number {
  return kind === 'text' ? Math.min(width, index === 0 ? 2 * minWidth : minWidth) : width;
}

customElements.define('data-table', DataTable);
