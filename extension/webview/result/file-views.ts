// Files that a result lists, carries or shows.
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import { fileIcon } from '../../results/file-icon.ts';
import type { DriveFile } from '../../results/graph-items.ts';
import { fileSize } from '../../results/item-text.ts';
import { fileTable } from '../../results/item-tables.ts';
import type { FileContent } from '../../results/result-document.ts';
import { safeLink } from '../../results/safe-link.ts';
import { sizeText, type TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import type { DrawCell } from './data-table.ts';
import './data-table.ts';
import './file-views.css';
import { counted } from './filter-box.ts';
import { link } from './link.ts';
import { act } from './page-action.ts';

export function fileList(files: readonly DriveFile[], more: boolean, times: TimeText): TemplateResult {
  const folders = files.filter(({ folder }) => folder).length;
  const label = [
    ...(folders === 0 ? [] : [counted(folders, 'folder')]),
    ...(folders === files.length ? [] : [counted(files.length - folders, 'file')]),
  ].join(', ');
  return html`<data-table
    .model=${fileTable(files)}
    .label=${label}
    .iconName=${'files'}
    .more=${more}
    .times=${times}
    .drawCell=${cellsOf(files)}
  ></data-table>`;
}

function cellsOf(files: readonly DriveFile[]): DrawCell {
  return (row, key) => {
    const file = files[row];
    if (file === undefined) return undefined;
    if (key === 'size') return html`${fileSize(file)}`;
    if (key !== 'name') return undefined;
    const name = cleanLine(file.name);
    return html`<span class="file-name"
      >${icon(file.folder ? 'folder' : fileIcon(name, file.file?.mimeType))}<bdi title=${name}
        >${link(name, file.webUrl)}</bdi
      ></span
    >`;
  };
}

export function imageView(image: FileContent & { dataUrl: string }, index: number): TemplateResult {
  return html`<figure class="image">
    <img src=${image.dataUrl} alt=${cleanLine(image.name)} />
    <figcaption class="muted">${factsOf(image)}</figcaption>
    <p>${saveButton(index)}</p>
  </figure>`;
}

export function attachmentView(file: FileContent & { uri: string | undefined }, index: number): TemplateResult {
  const name = cleanLine(file.name);
  const isOnlyNamed = file.base64 === undefined;
  return html`<div class="attachment">
    ${icon(fileIcon(name, file.mimeType))}
    <div>
      <div class="strong"><bdi>${link(name, file.uri)}</bdi></div>
      <div class="muted">${factsOf({ ...file, name: '' })}</div>
      ${
        file.uri === undefined || file.uri === file.name || safeLink(file.uri) !== undefined
          ? nothing
          : html`<div class="muted"><code>${cleanLine(file.uri)}</code></div>`
      }
      ${isOnlyNamed ? nothing : html`<p>${saveButton(index)}</p>`}
    </div>
  </div>`;
}

/** The extension has the content, too, and asks where to. */
function saveButton(block: number): TemplateResult {
  return html`<vscode-button
    secondary
    icon="save"
    @click=${(event: Event) => act(event.currentTarget as Element, { type: 'saveFile', block })}
    >Save…</vscode-button
  >`;
}

function factsOf({ name, mimeType, bytes }: Omit<FileContent, 'base64'>): string {
  return [name, mimeType ?? '', bytes === undefined ? '' : sizeText(bytes)].map(cleanLine).filter(Boolean).join(' · ');
}
