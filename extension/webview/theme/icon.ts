// An icon of VS Code's own set; the words beside it say what it means, or the label does.
import { html, nothing, type TemplateResult } from 'lit';

export function icon(name: string, label?: string): TemplateResult {
  return label === undefined
    ? html`<span class="codicon codicon-${name}" aria-hidden="true"></span>`
    : html`<span class="codicon codicon-${name}" role="img" aria-label=${label} title=${label || nothing}></span>`;
}
