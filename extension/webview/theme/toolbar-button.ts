// A button that is an icon alone; its label is read out and shown when the mouse rests on it.
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { html, type TemplateResult } from 'lit';

export function toolbarButton(iconName: string, label: string, onClick: (event: Event) => void): TemplateResult {
  return html`<vscode-toolbar-button
    icon=${iconName}
    label=${label}
    title=${label}
    @click=${onClick}
  ></vscode-toolbar-button>`;
}
