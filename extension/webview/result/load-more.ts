// Below a list that the server has more of: the way to the next page, that it is on its way, or why it did not come.
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import type { Paging } from '../../results/panel-messages.ts';
import { icon } from '../theme/icon.ts';
import './load-more.css';
import { act } from './page-action.ts';

export interface LoadMoreOptions {
  /** Number of the block among those of the result, from 0. */
  index: number;
  paging: Paging | undefined;
}

/** Nothing where the page cannot be asked for. */
export function loadMore(
  link: string | undefined,
  { index, paging }: LoadMoreOptions,
): TemplateResult | typeof nothing {
  if (link === undefined || paging === undefined || !paging.links.includes(link)) return nothing;
  const isLoading = paging.loading === link;
  const problem = paging.failed?.link === link ? paging.failed.problem : undefined;
  return html`<div class="load-more">
    <vscode-button
      secondary
      icon=${isLoading ? 'loading' : 'chevron-down'}
      ?icon-spin=${isLoading}
      ?disabled=${paging.loading !== undefined}
      @click=${(event: Event) => act(event.currentTarget as Element, { type: 'loadMore', block: index })}
      >${isLoading ? 'Loading…' : 'Load More'}</vscode-button
    >
    <span role="status" class=${problem === undefined ? 'muted' : 'load-problem'}>
      ${
        problem === undefined
          ? isLoading
            ? 'Asking for the next page'
            : nothing
          : html`${icon('warning')}<span>The next page did not come: ${cleanLine(problem)}</span>`
      }
    </span>
  </div>`;
}
