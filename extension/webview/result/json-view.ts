// Any value as a tree, with search; rows are made when they are opened and drawn when they are in sight.
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { cleanBlock } from '../../results/clean-text.ts';
import { isLong, keyLabel, preview, scalarLabel, sizeLabel } from '../../results/json-label.ts';
import { pathOf, searchJson, type JsonMatches } from '../../results/json-search.ts';
import { jsonText } from '../../results/json-text.ts';
import { createJsonTree, isExpandable, type JsonNode, type JsonTree } from '../../results/json-tree.ts';
import type { DrawnRow, VirtualRows } from '../rows/virtual-rows.ts';
import '../rows/virtual-rows.ts';
import { icon } from '../theme/icon.ts';
import { LightElement } from '../theme/light-element.ts';
import { styled } from '../theme/style-properties.ts';
import { toolbarButton } from '../theme/toolbar-button.ts';
import './json-view.css';
import './long-text.ts';
import { act } from './page-action.ts';

const typingPauseMs = 150;
/** Deeper rows keep this indent and say how deep they are. */
const maxIndent = 24;

export class JsonView extends LightElement {
  static override properties = {
    value: { attribute: false },
    active: { state: true },
    version: { state: true },
    query: { state: true },
    hits: { state: true },
    match: { state: true },
  };

  declare value: unknown;
  declare active: number;
  declare version: number;
  declare query: string;
  declare hits: JsonMatches | undefined;
  /** Index into `hits.found`. */
  declare match: number;

  #tree: JsonTree = createJsonTree(undefined);
  #pause: ReturnType<typeof setTimeout> | undefined;
  #search = 0;
  readonly #previews = new WeakMap<object, string>();

  constructor() {
    super();
    this.active = -1;
    this.version = 0;
    this.query = '';
    this.match = -1;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('value')) return;
    this.#tree = createJsonTree(this.value);
    this.#tree.openSome();
    this.version += 1;
    this.active = -1;
    [this.query, this.hits, this.match] = ['', undefined, -1];
  }

  protected override render(): TemplateResult {
    const { rows } = this.#tree;
    const chosen = rows[this.active]?.value;
    return html`${this.#bar()}
      <virtual-rows
        class="tree"
        role="tree"
        aria-label="JSON"
        .count=${rows.length}
        .height=${22}
        .active=${this.active}
        .version=${`${this.version} ${this.query} ${this.match}`}
        .draw=${this.#draw}
        @rows-move=${this.#onMove}
        @rows-click=${this.#onClick}
        @rows-open=${this.#onOpen}
        @keydown=${this.#onKey}
      ></virtual-rows>
      ${
        isLong(chosen)
          ? html`<section class="whole-value" aria-label="Whole value">
              <long-text .isCode=${true} .text=${cleanBlock(chosen)}></long-text>
            </section>`
          : nothing
      }`;
  }

  #bar(): TemplateResult {
    const { hits, match, query } = this;
    const count =
      hits === undefined
        ? ''
        : hits.total === 0
          ? 'No matches'
          : `${(match + 1).toLocaleString('en')} of ${hits.total.toLocaleString('en')}`;
    return html`<div class="json-bar">
      <vscode-textfield
        class="search"
        type="search"
        placeholder="Search"
        label="Search in keys and values"
        .value=${query}
        ?invalid=${hits?.total === 0}
        @input=${this.#onInput}
        @keydown=${this.#onSearchKey}
      >
        <span slot="content-before" class="codicon codicon-search" aria-hidden="true"></span>
      </vscode-textfield>
      <span class="count muted" role="status">${count}</span>
      ${toolbarButton('arrow-up', 'Previous match (Shift+Enter)', () => this.#go(-1))}
      ${toolbarButton('arrow-down', 'Next match (Enter)', () => this.#go(1))}
      ${toolbarButton('collapse-all', 'Collapse all', this.#closeAll)}
    </div>`;
  }

  readonly #draw = ({ index, id, isActive, place }: DrawnRow): TemplateResult => {
    const node = this.#tree.rows[index];
    if (node === undefined) return html``;
    const { depth, key, value, stretch, isOpen, position, siblings } = node;
    const canOpen = isExpandable(node);
    return html`<div
      class="row tree-row ${isActive ? 'active' : ''}"
      role="treeitem"
      id=${id}
      data-row=${index}
      aria-level=${depth + 1}
      aria-setsize=${siblings}
      aria-posinset=${position}
      aria-expanded=${canOpen ? isOpen : nothing}
      aria-selected=${isActive}
      ${place}
    >
      <span class="indent" ${styled({ width: `${Math.min(depth, maxIndent) * 12}px` })}></span>
      ${canOpen ? icon(isOpen ? 'chevron-down' : 'chevron-right') : html`<span class="no-twistie"></span>`}
      ${depth > maxIndent ? html`<span class="deep muted" title="Level ${depth}">${depth}</span>` : nothing}
      ${key === undefined ? nothing : html`<span class="key ${typeof key}">${this.#marked(typeof key === 'number' ? String(key) : keyLabel(key))}</span><span class="colon">:</span>`}
      ${
        stretch === undefined
          ? this.#value(value, isOpen)
          : html`<span class="muted"
              >${stretch.start.toLocaleString('en')} … ${(stretch.end - 1).toLocaleString('en')}</span
            >`
      }
    </div>`;
  };

  #value(value: unknown, isOpen: boolean): TemplateResult {
    if (typeof value !== 'object' || value === null) {
      const kind = value === null ? 'null' : typeof value === 'bigint' ? 'number' : typeof value;
      return html`<span class="value ${kind}">${this.#marked(scalarLabel(value))}</span>`;
    }
    let text = this.#previews.get(value);
    if (text === undefined) this.#previews.set(value, (text = `${sizeLabel(value)}\n${preview(value)}`));
    const [size, inside] = text.split('\n', 2);
    const isEmpty = size?.startsWith('0 ');
    return html`${isOpen ? nothing : html`<span class="preview">${inside}</span>`}
    ${isEmpty ? nothing : html`<span class="muted size">${size}</span>`}`;
  }

  /** Shows where the search found it. */
  #marked(text: string): TemplateResult | string {
    const wanted = this.query.toLowerCase();
    const at = wanted === '' ? -1 : text.toLowerCase().indexOf(wanted);
    if (at === -1) return text;
    const end = at + wanted.length;
    return html`${text.slice(0, at)}<mark>${text.slice(at, end)}</mark>${text.slice(end)}`;
  }

  readonly #onMove = ({ detail }: CustomEvent<number>): void => {
    this.active = detail;
  };

  readonly #onClick = ({ detail }: CustomEvent<number>): void => this.#toggle(detail);

  readonly #onOpen = (event: CustomEvent<number>): void => {
    // A double click has already been two clicks.
    if (event.target instanceof HTMLElement && event.target.matches(':hover')) return;
    this.#toggle(event.detail);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const node = this.#tree.rows[this.active];
    if (
      event.key === 'c' &&
      (event.ctrlKey || event.metaKey) &&
      node !== undefined &&
      getSelection()?.isCollapsed !== false
    ) {
      event.preventDefault();
      const { value } = node;
      act(this, { type: 'copyText', text: typeof value === 'string' ? value : jsonText(value, { indent: 2 }) });
      return;
    }
    if (node === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowRight') {
      if (isExpandable(node) && !node.isOpen) this.#toggle(this.active);
      else if (node.isOpen) this.active += 1;
    } else if (event.key === 'ArrowLeft') {
      if (node.isOpen) this.#toggle(this.active);
      else if (node.parent !== undefined) this.active = this.#tree.rows.indexOf(node.parent);
    } else if (event.key === ' ') this.#toggle(this.active);
    else return;
    event.preventDefault();
  };

  #toggle(index: number): void {
    const node: JsonNode | undefined = this.#tree.rows[index];
    if (node === undefined || !isExpandable(node)) return;
    if (node.isOpen) this.#tree.close(index);
    else this.#tree.open(index);
    this.version += 1;
  }

  readonly #closeAll = (): void => {
    this.#tree.closeAll();
    this.active = 0;
    this.version += 1;
  };

  readonly #onInput = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#find(text), typingPauseMs);
  };

  readonly #onSearchKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.#go(event.shiftKey ? -1 : 1);
  };

  /** In slices, so that the page stays awake; a newer search ends an older one. */
  async #find(text: string): Promise<void> {
    const search = (this.#search += 1);
    this.query = text;
    [this.hits, this.match] = [undefined, -1];
    if (text === '') return;
    const work = searchJson(this.value, text);
    let slice = work.next();
    while (!slice.done) {
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
      if (search !== this.#search) return;
      slice = work.next();
    }
    this.hits = slice.value;
    if (slice.value.total > 0) this.#go(1);
  }

  #go(step: number): void {
    const found = this.hits?.found ?? [];
    if (found.length === 0) return;
    this.match = (this.match + step + found.length) % found.length;
    const match = found[this.match];
    if (match === undefined) return;
    const row = this.#tree.reveal(pathOf(match));
    this.version += 1;
    this.active = row;
    void this.updateComplete.then(() => this.querySelector<VirtualRows>('virtual-rows')?.scrollToRow(row));
  }
}

customElements.define('json-view', JsonView);
