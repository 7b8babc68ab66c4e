// Text of any length: what is very long is cut until asked for, and then laid out only where it is in sight.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { linkParts } from '../../results/link-parts.ts';
import { textChunks } from '../../results/text-chunks.ts';
import { LightElement } from '../theme/light-element.ts';
import { link } from './link.ts';
import './long-text.css';

const shownLength = 12_000;

export class LongText extends LightElement {
  static override properties = {
    text: { attribute: false },
    isCode: { attribute: false },
    isWhole: { state: true },
  };

  declare text: string;
  /** In the editor's font. */
  declare isCode: boolean;
  declare isWhole: boolean;

  constructor() {
    super();
    this.text = '';
    this.isCode = false;
    this.isWhole = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('text')) this.isWhole = false;
  }

  protected override render(): TemplateResult {
    const { text } = this;
    const isCut = !this.isWhole && text.length > shownLength;
    const chunks = textChunks(isCut ? text.slice(0, shownLength) : text);
    return html`<div class="long-text ${this.isCode ? 'code' : ''}" dir="auto">${chunks.map(drawChunk)}</div>
      ${isCut ? this.#more() : nothing}`;
  }

  #more(): TemplateResult {
    return html`<button type="button" class="link show-all" @click=${this.#showAll}>
      Show all (${this.text.length.toLocaleString('en')} characters)
    </button>`;
  }

  readonly #showAll = (): void => {
    this.isWhole = true;
  };
}

/** White space counts in here. */
function drawChunk(chunk: string): TemplateResult {
  const parts = linkParts(chunk).map(({ text, href }) => (href === undefined ? text : link(text, href)));
  return html`<div class="chunk">${parts}</div>`;
}

customElements.define('long-text', LongText);
