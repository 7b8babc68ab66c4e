// A flat object as a list of its fields; what nests in it is a tree of its own below.
import { html, nothing, type TemplateResult } from 'lit';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { zoneText } from '../../results/code-words.ts';
import { scalarLabel } from '../../results/json-label.ts';
import type { TimeText } from '../../results/time-text.ts';
import './fields-view.css';
import './json-view.ts';
import { link } from './link.ts';
import './long-text.ts';

const shortText = 200;

export function fieldsView(value: Readonly<Record<string, unknown>>, times: TimeText): TemplateResult {
  const members = Object.entries(value).filter(([key]) => !key.startsWith('@odata.'));
  const flat = members.filter(([, member]) => typeof member !== 'object' || member === null);
  const nested = members.filter(([, member]) => typeof member === 'object' && member !== null);
  return html`<dl class="fields">
      ${flat.map(
        ([key, member]) =>
          html`<dt><bdi>${cleanLine(key)}</bdi></dt>
            <dd>${fieldValue(key, member, times)}</dd>`,
      )}
    </dl>
    ${nested.length === 0 ? nothing : html`<json-view class="nested" .value=${Object.fromEntries(nested)}></json-view>`}`;
}

function fieldValue(key: string, value: unknown, times: TimeText): TemplateResult {
  if (typeof value !== 'string')
    return html`<span class="value ${value === null ? 'null' : typeof value === 'bigint' ? 'number' : typeof value}"
      >${scalarLabel(value)}</span
    >`;
  if (value.length > shortText || value.includes('\n')) return html`<long-text .text=${cleanBlock(value)}></long-text>`;
  const text = cleanLine(value);
  if (/timezone$/i.test(key)) return html`<bdi title=${text}>${zoneText(value, times)}</bdi>`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && times.full(text) !== '')
    return html`<span title=${text}>${times.moment(text)}</span>`;
  return html`<bdi>${link(text, value)}</bdi>`;
}
