// The line above a list: what it holds, and a box to narrow it down where there is much.
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../theme/icon.ts';
import './filter-box.css';

export interface ListHead {
  iconName: string;
  /** "25 messages". */
  title: string;
  /** "3 unread". */
  details: readonly string[];
  /** The server has further ones. */
  more: boolean;
  filter: string;
  /** Undefined where the list is too short to narrow down. */
  onFilter: ((text: string) => void) | undefined;
}

export const filterFrom = 8;

export function listHead({ iconName, title, details, more, filter, onFilter }: ListHead): TemplateResult {
  const onInput = (event: Event): void => onFilter?.((event.target as HTMLInputElement).value);
  const onKey = (event: KeyboardEvent): void => {
    const box = event.currentTarget as HTMLInputElement;
    if (event.key === 'Escape' && box.value !== '') {
      box.value = '';
      onFilter?.('');
    } else if (event.key === 'ArrowDown' || event.key === 'Escape') {
      box.closest('.list-head')?.parentElement?.querySelector('virtual-rows')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="list-head">
    <h2>${icon(iconName)}<span>${title}</span></h2>
    <span class="muted" role="status"> ${[...details, ...(more ? ['more on the server'] : [])].join(' · ')} </span>
    ${
      onFilter === undefined
        ? nothing
        : html`<vscode-textfield
            class="filter"
            type="search"
            placeholder="Filter"
            label="Filter"
            .value=${filter}
            @input=${onInput}
            @keydown=${onKey}
            >${html`<span slot="content-before" class="codicon codicon-filter" aria-hidden="true"></span>`}</vscode-textfield
          >`
    }
  </div>`;
}

/** "1 message", "10,000 messages". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
