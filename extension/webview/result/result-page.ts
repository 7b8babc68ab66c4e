// The page of one result: what it shows now, and the state that it finds again when it comes back.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { callFacts } from '../../results/call-facts.ts';
import type { CallFacts, Paging, ReadingPlace, ResultMode } from '../../results/panel-messages.ts';
import type { ShownEvent } from '../../results/parse-result-event.ts';
import { resultDocument, type Block, type CallContext, type ResultDocument } from '../../results/result-document.ts';
import { createTimeText, type TimeText } from '../../results/time-text.ts';
import { LightElement } from '../theme/light-element.ts';
import { readerPlace } from '../theme/reader-place.ts';
import './json-view.ts';
import type { ListPane } from './list-pane.ts';
import { absentNotice, partialNotice } from './notices.ts';
import { renderBlock, scrollsItself } from './render-block.ts';
import { renderHead, type HeadOptions } from './render-head.ts';
import './result-page.css';

/** A result with more parts than this shows the rest on request. */
const shownBlocks = 100;

export type Shown = { event: ShownEvent; context: CallContext } | { lost: CallFacts };

export class ResultPage extends LightElement {
  static override properties = {
    shown: { attribute: false },
    isKept: { attribute: false },
    paging: { attribute: false },
    mode: { attribute: false },
    allBlocks: { state: true },
  };

  declare shown: Shown | undefined;
  declare isKept: boolean;
  /** Undefined where nothing is known of further pages. */
  declare paging: Paging | undefined;
  declare mode: ResultMode;
  declare allBlocks: boolean;

  #document: ResultDocument | undefined;
  #times: TimeText | undefined;

  constructor() {
    super();
    this.isKept = false;
    this.mode = 'view';
    this.allBlocks = false;
  }

  get facts(): CallFacts | undefined {
    const { shown } = this;
    if (shown === undefined) return undefined;
    return 'event' in shown ? callFacts(shown.event) : shown.lost;
  }

  /** Where the reader is; undefined where that would be of no use later. */
  get place(): ReadingPlace | undefined {
    if (this.mode !== 'view') return undefined;
    return this.#pane?.place ?? { top: this.#content?.scrollTop ?? 0, row: -1, isOpen: false };
  }

  async restore(place: ReadingPlace): Promise<void> {
    await this.updateComplete;
    const pane = this.#pane;
    await pane?.updateComplete;
    if (pane === undefined) this.#content?.scrollTo(0, place.top);
    else await pane.restore(place);
  }

  /** Puts the keyboard where the reading starts. */
  focusContent(): void {
    (this.querySelector<HTMLElement>('virtual-rows') ?? this.#content)?.focus();
  }

  get #content(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.content');
  }

  /** The list that is all of the page, if there is one. */
  get #pane(): ListPane | undefined {
    return this.querySelector<ListPane>('.block.fill list-pane') ?? undefined;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('shown')) return;
    const { shown } = this;
    this.#document = shown !== undefined && 'event' in shown ? resultDocument(shown.event, shown.context) : undefined;
    this.#times = createTimeText({ ...readerPlace(), now: Date.now() });
    this.allBlocks = false;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { facts } = this;
    const [shown, times] = [this.#document, this.#times];
    if (facts === undefined || times === undefined) return nothing;
    const hasContent = shown !== undefined && shown.json !== undefined;
    const hasWhole = shown !== undefined && shown.raw !== undefined;
    const mode = this.mode === 'raw' && !hasWhole ? 'json' : this.mode;
    return html`${renderHead({
      facts,
      outcome: outcomeOf(shown, facts),
      times,
      mode,
      onMode: this.#onMode,
      hasContent,
      hasWhole,
      isKept: this.isKept,
    })}
    ${
      shown === undefined
        ? html`<main tabindex="-1" class="content">${absentNotice(undefined)}</main>`
        : hasContent && mode !== 'view'
          ? html`<main tabindex="-1" class="content fill">
              <json-view .value=${mode === 'raw' ? shown.raw : shown.json}></json-view>
            </main>`
          : keyed(shown, this.#view(shown, times))
    }`;
  }

  #view({ blocks, failed, requests, correlationIds }: ResultDocument, times: TimeText): TemplateResult {
    const [only] = blocks;
    const fills = blocks.length === 1 && only !== undefined && scrollsItself(only);
    const shown = this.allBlocks ? blocks : blocks.slice(0, shownBlocks);
    return html`${failed > 0 && requests > 1 ? partialNotice(failed, requests, correlationIds) : nothing}
      <main tabindex=${fills ? -1 : 0} class="content ${fills ? 'fill' : ''}">
        ${shown.map((block: Block, index) => renderBlock(block, { times, fills, index, paging: this.paging }))}
        ${
          shown.length < blocks.length
            ? html`<button type="button" class="link more-blocks" @click=${this.#showAllBlocks}>
                Show ${(blocks.length - shown.length).toLocaleString('en')} more parts
              </button>`
            : nothing
        }
      </main>`;
  }

  readonly #onMode = (mode: ResultMode): void => {
    this.mode = mode;
    this.dispatchEvent(new CustomEvent('mode-change'));
  };

  readonly #showAllBlocks = (): void => {
    this.allBlocks = true;
  };
}

function outcomeOf(shown: ResultDocument | undefined, { ok }: CallFacts): HeadOptions['outcome'] {
  if (shown === undefined) return 'unknown';
  const [first] = shown.blocks;
  if (first?.kind === 'error' && first.card.code === 'cancelled') return 'cancelled';
  if (!ok) return 'failed';
  return shown.failed > 0 ? (shown.failed === Math.max(1, shown.requests) ? 'failed' : 'partial') : 'ok';
}

customElements.define('result-page', ResultPage);

declare global {
  interface HTMLElementTagNameMap {
    'result-page': ResultPage;
  }
}
