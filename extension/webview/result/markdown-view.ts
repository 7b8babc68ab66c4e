// Markdown to be read, and below it what it cites.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import type { Citation } from '../../results/citations.ts';
import { safeLink } from '../../results/safe-link.ts';
import { icon } from '../theme/icon.ts';
import { LightElement } from '../theme/light-element.ts';
import { link } from './link.ts';
import { markdownDom } from './markdown-dom.ts';
import './markdown-view.css';

const shownCitations = 200;

export class MarkdownView extends LightElement {
  static override properties = {
    text: { attribute: false },
    citations: { attribute: false },
  };

  declare text: string;
  declare citations: readonly Citation[];

  #content: Node | undefined;

  constructor() {
    super();
    this.text = '';
    this.citations = [];
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('text') && !changed.has('citations')) return;
    this.#content = markdownDom(this.text, this.citations.length === 0 ? {} : { onCitation: this.#showCitation });
  }

  protected override render(): TemplateResult {
    return html`<div class="markdown" dir="auto">${this.#content}</div>
      ${
        this.citations.length === 0
          ? nothing
          : html`<section class="sources" aria-label="Sources">
              <h3>Sources</h3>
              <ol>
                ${this.citations
                  .slice(0, shownCitations)
                  .map(
                    ({ title, url, type }) =>
                      html`<li tabindex="-1">
                        ${link(html`<bdi>${cleanLine(title)}</bdi>${safeLink(url) ? icon('link-external') : nothing}`, url)}
                        ${type === undefined ? nothing : html`<span class="muted">${type}</span>`}
                      </li>`,
                  )}
              </ol>
            </section>`
      }`;
  }

  readonly #showCitation = (number: number): void => {
    const source = this.querySelectorAll<HTMLElement>('.sources li')[number - 1];
    source?.scrollIntoView({ block: 'nearest' });
    (source?.querySelector('a') ?? source)?.focus();
  };
}

customElements.define('markdown-view', MarkdownView);
