// The head of the page: which tool this is, on which server, whether it can change things, and the form or JSON switch.
import { html, nothing, type TemplateResult } from 'lit';
import type { ToolHead } from '../../tool-form/form-messages.ts';

const longDescription = 600;

export function renderHead({ title, name, server, description, sideEffects }: ToolHead): TemplateResult {
  const isWrite = sideEffects === 'write';
  return html`<header class="head">
    <h1>${title}${title === name ? nothing : html` <code class="name">${name}</code>`}</h1>
    <p class="facts">
      <span><span class="codicon codicon-server" aria-hidden="true"></span>${server}</span>
      <span class=${isWrite ? 'badge write' : 'badge'}
        ><span class="codicon codicon-${isWrite ? 'edit' : 'eye'}" aria-hidden="true"></span>${
          isWrite ? 'Can change things' : 'Reads only'
        }</span
      >
    </p>
    ${renderDescription(description)}
  </header>`;
}

function renderDescription(description: string): TemplateResult | typeof nothing {
  if (description === '') return nothing;
  if (description.length <= longDescription) return html`<p class="description">${description}</p>`;
  const cut = description.lastIndexOf(' ', longDescription);
  const start = description.slice(0, cut > longDescription / 2 ? cut : longDescription);
  return html`<details class="description">
    <summary><span class="start">${start}…</span> <span class="link">Show all</span></summary>
    <p>${description}</p>
  </details>`;
}

export interface SidesOptions {
  readonly isJson: boolean;
  readonly isLocked: boolean;
  choose(side: 'form' | 'json'): void;
}

export function renderSides({ isJson, isLocked, choose }: SidesOptions): TemplateResult {
  const turn = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    choose(isJson ? 'form' : 'json');
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus());
  };
  const tab = (side: 'form' | 'json', words: string, isChosen: boolean): TemplateResult =>
    html`<button
      type="button"
      role="tab"
      id="tab-${side}"
      aria-controls="side"
      aria-selected=${isChosen ? 'true' : 'false'}
      tabindex=${isChosen ? '0' : '-1'}
      ?disabled=${isLocked}
      @click=${() => choose(side)}
      @keydown=${turn}
    >
      ${words}
    </button>`;
  return html`<div class="sides" role="tablist" aria-label="Arguments as">
    ${tab('form', 'Form', !isJson)}${tab('json', 'JSON', isJson)}
  </div>`;
}
