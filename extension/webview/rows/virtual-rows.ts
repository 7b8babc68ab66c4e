// A scrolling list that draws only the rows in sight, with the keyboard of VS Code's own lists; it knows nothing of what
// the rows show. Heights are known beforehand, which keeps a jump to the last of a million rows exact.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { fontUnit, onThemeChange } from '../theme/font-unit.ts';
import { LightElement } from '../theme/light-element.ts';
import { styled, type Styled } from '../theme/style-properties.ts';
import { rowOffsets, type RowOffsets } from './row-offsets.ts';
import './virtual-rows.css';

export interface DrawnRow {
  index: number;
  /** For the `id` of the row's element; the list names its active row by it. */
  id: string;
  isActive: boolean;
  /** Goes into the opening tag of the row's element. */
  place: Styled;
}

export type DrawRow = (row: DrawnRow) => TemplateResult;

const overscan = 8;
let lists = 0;

export class VirtualRows extends LightElement {
  static override properties = {
    count: { attribute: false },
    height: { attribute: false },
    draw: { attribute: false },
    head: { attribute: false },
    active: { attribute: false },
    skips: { attribute: false },
    version: { attribute: false },
  };

  declare count: number;
  /** Pixels at VS Code's usual font size. */
  declare height: number | ((index: number) => number);
  declare draw: DrawRow | undefined;
  /** Stays at the top. */
  declare head: TemplateResult | undefined;
  /** The row that the keyboard is on; -1 for none. */
  declare active: number;
  /** Rows that the keyboard passes over. */
  declare skips: ((index: number) => boolean) | undefined;
  /** A new value says that rows changed although their number did not. */
  declare version: unknown;

  #offsets: RowOffsets = rowOffsets(0, 1);
  readonly #name = `rows-${(lists += 1)}`;
  readonly #resized = new ResizeObserver(() => this.requestUpdate());
  #stopTheme: (() => void) | undefined;

  constructor() {
    super();
    this.count = 0;
    this.height = 22;
    this.active = -1;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.tabIndex = 0;
    this.addEventListener('scroll', this.#onScroll, { passive: true });
    this.addEventListener('keydown', this.#onKey);
    this.addEventListener('focus', this.#onFocus);
    this.addEventListener('click', this.#onClick);
    this.addEventListener('dblclick', this.#onDoubleClick);
    this.#resized.observe(this);
    this.#stopTheme = onThemeChange(() => {
      this.#measure();
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('scroll', this.#onScroll);
    this.removeEventListener('keydown', this.#onKey);
    this.removeEventListener('focus', this.#onFocus);
    this.removeEventListener('click', this.#onClick);
    this.removeEventListener('dblclick', this.#onDoubleClick);
    this.#resized.disconnect();
    this.#stopTheme?.();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('count') || changed.has('height') || changed.has('version')) this.#measure();
  }

  protected override render(): TemplateResult {
    const { scrollTop, clientHeight } = this;
    const first = Math.max(0, this.#offsets.at(scrollTop) - overscan);
    // Before the first layout there is no height to go by.
    const last = Math.min(this.count - 1, this.#offsets.at(scrollTop + (clientHeight || 600)) + overscan);
    const indexes = this.count === 0 ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
    return html`${this.head === undefined ? nothing : html`<div class="rows-head">${this.head}</div>`}
      <div class="rows-space" role="presentation" ${styled({ height: `${this.#offsets.total}px` })}>
        ${repeat(
          indexes,
          (index) => index,
          (index) => this.#row(index),
        )}
      </div>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('active') && this.active >= 0 && changed.get('active') !== undefined) this.scrollToRow(this.active);
    const isDrawn = this.querySelector(`#${this.#name}-${this.active}`) !== null;
    if (isDrawn) this.setAttribute('aria-activedescendant', `${this.#name}-${this.active}`);
    else this.removeAttribute('aria-activedescendant');
  }

  /** Scrolls no further than needed. */
  scrollToRow(index: number): void {
    const top = this.#offsets.top(index);
    const height = this.#offsets.height(index);
    const head = this.querySelector<HTMLElement>('.rows-head')?.offsetHeight ?? 0;
    const seen = this.clientHeight - head;
    if (top < this.scrollTop) this.scrollTop = top;
    else if (top + height > this.scrollTop + seen) this.scrollTop = top + height - seen;
    this.requestUpdate();
  }

  #row(index: number): TemplateResult | typeof nothing {
    const place = styled({
      transform: `translateY(${this.#offsets.top(index)}px)`,
      height: `${this.#offsets.height(index)}px`,
    });
    return this.draw?.({ index, id: `${this.#name}-${index}`, isActive: index === this.active, place }) ?? nothing;
  }

  #measure(): void {
    const { height } = this;
    const unit = fontUnit();
    this.#offsets = rowOffsets(
      this.count,
      typeof height === 'number' ? Math.round(height * unit) : (index) => Math.round(height(index) * unit),
    );
  }

  readonly #onScroll = (): void => this.requestUpdate();

  /** The keyboard always stands on a row; a click brings its own. */
  readonly #onFocus = (): void => {
    if (this.active === -1 && this.count > 0 && this.matches(':focus-visible')) this.#moveTo(this.#nearest(0, 1));
  };

  readonly #onClick = (event: MouseEvent): void => {
    const index = this.#rowOf(event);
    if (index === undefined) return;
    this.#moveTo(index);
    this.#tell('rows-click', index);
  };

  readonly #onDoubleClick = (event: MouseEvent): void => {
    const index = this.#rowOf(event);
    if (index !== undefined) this.#tell('rows-open', index);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.target !== this || event.ctrlKey || event.metaKey || event.altKey || this.count === 0) return;
    const page = Math.max(
      1,
      this.#offsets.at(this.scrollTop + this.clientHeight) - this.#offsets.at(this.scrollTop) - 1,
    );
    const moves: Readonly<Record<string, [number, number]>> = {
      ArrowDown: [this.active + 1, 1],
      ArrowUp: [this.active - 1, -1],
      PageDown: [this.active + page, 1],
      PageUp: [this.active - page, -1],
      Home: [0, 1],
      End: [this.count - 1, -1],
    };
    const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    if (move !== undefined) {
      event.preventDefault();
      this.#moveTo(this.#nearest(...move));
    } else if (event.key === 'Enter' && this.active >= 0) {
      event.preventDefault();
      this.#tell('rows-open', this.active);
    }
  };

  /** The next row in that direction that is not passed over, or else in the other one. */
  #nearest(wanted: number, direction: number): number {
    const start = Math.max(0, Math.min(this.count - 1, wanted));
    for (const step of [direction, -direction]) {
      for (let index = start; index >= 0 && index < this.count; index += step) if (!this.skips?.(index)) return index;
    }
    return start;
  }

  #moveTo(index: number): void {
    if (index === this.active || this.skips?.(index)) return;
    this.active = index;
    this.#tell('rows-move', index);
  }

  #rowOf({ target }: MouseEvent): number | undefined {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
    // A list inside of a row is another one's.
    if (row === null || row.closest('virtual-rows') !== this) return undefined;
    return Number(row.dataset['row']);
  }

  #tell(name: 'rows-move' | 'rows-open' | 'rows-click', index: number): void {
    this.dispatchEvent(new CustomEvent<number>(name, { detail: index }));
  }
}

customElements.define('virtual-rows', VirtualRows);

declare global {
  interface HTMLElementTagNameMap {
    'virtual-rows': VirtualRows;
  }
}
