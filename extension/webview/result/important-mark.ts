// Marks what its sender called important.
import { html, type TemplateResult } from 'lit';

export function importantMark(): TemplateResult {
  return html`<span class="important" role="img" aria-label="High importance" title="High importance">!</span>`;
}
