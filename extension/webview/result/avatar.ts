// The initials of a person, for the eye alone; the name stands beside it.
import { html, type TemplateResult } from 'lit';
import { initials } from '../../results/initials.ts';

export function avatar(name: string): TemplateResult {
  return html`<span class="avatar" aria-hidden="true">${initials(name)}</span>`;
}
