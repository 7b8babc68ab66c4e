// A list with a pane beside it for what is chosen in it, or below it where there is little room.
import '@vscode-elements/elements/dist/vscode-split-layout/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ReadingPlace } from '../../results/panel-messages.ts';
import type { DrawRow, VirtualRows } from '../rows/virtual-rows.ts';
import '../rows/virtual-rows.ts';
import { LightElement } from '../theme/light-element.ts';
import './list-pane.css';

const wide = 640;
const openPosition = '42%';

export class ListPane extends LightElement {
  static override properties = {
    count: { attribute: false },
    height: { attribute: false },
    draw: { attribute: false },
    drawDetail: { attribute: false },
    head: { attribute: false },
    skips: { attribute: false },
    version: { attribute: false },
    label: { attribute: false },
    detailLabel: { attribute: false },
    kind: { attribute: false },
    startsOpen: { attribute: false },
    active: { state: true },
    isOpen: { state: true },
    isWide: { state: true },
  };

  declare count: number;
  declare height: number | ((index: number) => number);
  declare draw: DrawRow;
  /** What is shown of the chosen row; undefined when there is no more to it than the row shows. */
  declare drawDetail: ((index: number) => TemplateResult) | undefined;
  declare head: TemplateResult | undefined;
  declare skips: ((index: number) => boolean) | undefined;
  declare version: unknown;
  /** Name of the list for screen readers. */
  declare label: string;
  declare detailLabel: string;
  declare kind: 'listbox' | 'grid';
  /** Whether the pane shows the first row from the beginning. */
  declare startsOpen: boolean;
  declare active: number;
  declare isOpen: boolean;
  declare isWide: boolean;

  readonly #resized = new ResizeObserver(() => {
    this.isWide = this.clientWidth >= wide;
  });

  constructor() {
    super();
    this.count = 0;
    this.height = 22;
    this.kind = 'listbox';
    this.label = '';
    this.detailLabel = 'Details';
    this.startsOpen = false;
    this.active = -1;
    this.isOpen = false;
    this.isWide = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
    this.addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.removeEventListener('keydown', this.#onKey);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('startsOpen') && this.startsOpen && this.active === -1) {
      this.active = this.#first();
      this.isOpen = this.active !== -1;
    }
    // A filter took rows away.
    if (changed.has('version') && changed.get('version') !== undefined) this.active = this.isOpen ? this.#first() : -1;
    if (this.active >= this.count) this.active = this.count - 1;
  }

  protected override render(): TemplateResult {
    const isOpen = this.isOpen && this.active >= 0 && this.drawDetail !== undefined;
    const list = html`<virtual-rows
      role=${this.kind}
      aria-label=${this.label}
      aria-rowcount=${this.kind === 'grid' ? this.count + 1 : nothing}
      .count=${this.count}
      .height=${this.height}
      .draw=${this.draw}
      .head=${this.head}
      .skips=${this.skips}
      .version=${this.version}
      .active=${this.active}
      @rows-move=${this.#onMove}
      @rows-click=${this.#onClick}
      @rows-open=${this.#onOpen}
    ></virtual-rows>`;
    // One template for both states keeps the list, its scroll position and the keyboard where they are.
    return html`<vscode-split-layout
      class="list-pane ${isOpen ? 'open' : 'closed'}"
      split=${this.isWide ? 'vertical' : 'horizontal'}
      handle-size=${isOpen ? 4 : 0}
      min-start=${isOpen ? '160px' : '0px'}
      min-end=${isOpen ? '160px' : '0px'}
      initial-handle-position=${isOpen ? openPosition : '100%'}
      handle-position=${isOpen ? openPosition : '100%'}
    >
      <div slot="start" class="list-side">${list}</div>
      <section slot="end" class="detail-side" aria-label=${this.detailLabel} tabindex=${isOpen ? 0 : -1}>
        ${
          isOpen
            ? html`<vscode-toolbar-button
                  class="close-detail"
                  icon="close"
                  label="Close details"
                  title="Close (Escape)"
                  @click=${this.#close}
                ></vscode-toolbar-button>
                ${this.drawDetail?.(this.active)}`
            : nothing
        }
      </section>
    </vscode-split-layout>`;
  }

  get place(): ReadingPlace {
    return { top: this.#rows?.scrollTop ?? 0, row: this.active, isOpen: this.isOpen };
  }

  /** Goes back to where the reader was. */
  async restore({ top, row, isOpen }: ReadingPlace): Promise<void> {
    [this.active, this.isOpen] = [Math.min(row, this.count - 1), isOpen];
    await this.updateComplete;
    await this.#rows?.updateComplete;
    this.#rows?.scrollTo(0, top);
  }

  get #rows(): VirtualRows | null {
    return this.querySelector('virtual-rows');
  }

  readonly #onMove = ({ detail }: CustomEvent<number>): void => {
    this.active = detail;
    this.querySelector('.detail-side')?.scrollTo(0, 0);
    this.#tellPlace();
  };

  readonly #onClick = ({ detail }: CustomEvent<number>): void => {
    this.active = detail;
    this.isOpen = true;
    this.#tellPlace();
  };

  /** Once more goes into what is open. */
  readonly #onOpen = (event: CustomEvent<number>): void => {
    if (this.isOpen && this.active === event.detail) this.querySelector<HTMLElement>('.detail-side')?.focus();
    this.#onClick(event);
  };

  #tellPlace(): void {
    this.dispatchEvent(new CustomEvent('place-change', { bubbles: true }));
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.isOpen) return;
    event.stopPropagation();
    this.#close();
  };

  readonly #close = (): void => {
    this.isOpen = false;
    this.#rows?.focus();
    this.#tellPlace();
  };

  #first(): number {
    for (let index = 0; index < this.count; index += 1) if (!this.skips?.(index)) return index;
    return -1;
  }
}

customElements.define('list-pane', ListPane);

declare global {
  interface HTMLElementTagNameMap {
    'list-pane': ListPane;
  }
}
