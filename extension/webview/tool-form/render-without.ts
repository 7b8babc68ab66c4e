// The page of a form that came back after a reload of the window, while there is no tool for it (yet).
import { html, type TemplateResult } from 'lit';
import type { ToPage } from '../../tool-form/form-messages.ts';

export function renderWithout(
  { message, isGone }: ToPage & { type: 'without' },
  chooseTool: () => void,
): TemplateResult {
  return html`<main>
    <p class="without" role="status">${message}</p>
    ${
      isGone
        ? html`<vscode-button secondary @click=${chooseTool}>Choose Another Tool</vscode-button>`
        : html`<vscode-progress-bar aria-label="Waiting for the agent" indeterminate></vscode-progress-bar>`
    }
  </main>`;
}
