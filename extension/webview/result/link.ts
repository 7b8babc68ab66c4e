// A link out of a result: its whole target shows on hover, and the extension opens it outside. Anything else stays text.
import { html, type TemplateResult } from 'lit';
import { safeLink } from '../../results/safe-link.ts';
import { act } from './page-action.ts';

export function link(content: string | TemplateResult, url: string | null | undefined): TemplateResult {
  const href = safeLink(url);
  if (href === undefined) return html`${content}`;
  return html`<a href=${href} title=${href} @click=${openLink} @dblclick=${stay}>${content}</a>`;
}

/** VS Code would open a followed link as well. */
export function openLink(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
  const anchor = event.currentTarget;
  if (anchor instanceof HTMLAnchorElement) act(anchor, { type: 'openLink', url: anchor.href });
}

function stay(event: Event): void {
  event.stopPropagation();
}
