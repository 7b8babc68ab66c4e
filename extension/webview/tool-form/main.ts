// The page of a tool's form: holds its state, draws it after every change and talks to the extension.
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, nothing, render, type TemplateResult } from 'lit';
import {
  argumentsToSend,
  editJson,
  keptPage,
  leaveInput,
  openPage,
  problemCount,
  savedPage,
  showForm,
  showJson,
  touch,
  withState,
  type FormPage,
} from '../../tool-form/form-page.ts';
import type { ToHost, ToPage } from '../../tool-form/form-messages.ts';
import { enteredArguments } from '../../tool-form/entered-arguments.ts';
import { parseSavedPage, type SavedPage } from '../../tool-form/saved-page.ts';
import { openHostPort } from '../messaging/host-port.ts';
import '../theme/page.css';
import type { FormContext } from './form-context.ts';
import './main.css';
import { parseToPage } from './parse-to-page.ts';
import { renderField } from './render-field.ts';
import { renderHead, renderSides } from './render-head.ts';
import { renderJsonSide } from './render-json-side.ts';
import { renderRun } from './render-run.ts';
import { renderWithout } from './render-without.ts';

/** A problem shows when typing pauses, so that nobody is corrected in the middle of a word. */
const typingPauseMs = 400;

let page: FormPage | undefined;
let pause: ReturnType<typeof setTimeout> | undefined;
/** Id of what had the focus when the run began; it gets it back. */
let focused = '';
let isPointerDown = false;

const host = openHostPort<ToPage, ToHost, SavedPage>({
  parseMessage: parseToPage,
  parseState: parseSavedPage,
  onMessage: (message) => {
    if (message.type === 'show') show(message);
    // What was typed stays where VS Code keeps it, for the form that may come yet.
    else if (message.type === 'without')
      render(
        renderWithout(message, () => host.post({ type: 'chooseTool' })),
        document.body,
      );
    else if (page !== undefined) update({ ...page, run: message.run });
  },
});

function show(message: ToPage & { type: 'show' }): void {
  const isFirst = page === undefined;
  update(openPage(message, page === undefined ? host.state() : savedPage(page)));
  if (isFirst) focusFirst();
}

function update(changed: FormPage): void {
  const before = page?.run.kind;
  if (changed.run.kind === 'running' && before !== 'running') focused = document.activeElement?.id ?? '';
  page = changed;
  host.saveState(keptPage(changed));
  render(view(changed), document.body);
  const isRunning = changed.run.kind === 'running';
  // The buttons can take the focus only once they have drawn themselves.
  if (isRunning !== (before === 'running') && document.hasFocus())
    requestAnimationFrame(() => focusOn(isRunning ? 'cancel' : focused || 'run'));
}

/** Drawing is done at once, so that the next letter typed goes there already. */
function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

function view(current: FormPage): TemplateResult {
  const { head, json, run, isAttempted } = current;
  const isLocked = run.kind === 'running';
  const count = problemCount(current);
  return html`<main>
    ${renderHead(head)} ${renderSides({ isJson: json !== undefined, isLocked, choose })}
    <div id="side" role="tabpanel" aria-labelledby=${json === undefined ? 'tab-form' : 'tab-json'}>
      ${
        json === undefined
          ? renderForm(current, isLocked)
          : renderJsonSide({
              json,
              isLocked,
              leftOut: draftCount(current),
              edit: (text) => change((now) => editJson(now, text)),
            })
      }
    </div>
    ${renderRun({
      run,
      problemCount: isAttempted ? count : 0,
      canInsist: isAttempted && count > 0 && json !== undefined && json.problem === undefined && !isLocked,
      start: () => start({ insist: false }),
      insist: () => start({ insist: true }),
      cancel: () => host.post({ type: 'cancel' }),
      openResult: () => host.post({ type: 'openResult' }),
      step: (id) => host.post({ type: 'step', id }),
    })}
  </main>`;
}

function renderForm(current: FormPage, isLocked: boolean): TemplateResult {
  const { root, state } = current;
  const isEmpty =
    root.kind === 'group' && root.fields.length === 0 && !root.offersRest && Object.keys(state.arguments).length === 0;
  return html`<form novalidate @submit=${(event: Event) => event.preventDefault()}>
    ${isEmpty ? html`<p class="hint">This tool takes no arguments.</p>` : renderField(root, [], contextOf(current, isLocked))}
    ${
      root.kind === 'group' && root.fields.some(({ required }) => required)
        ? html`<p class="hint"><span class="required" aria-hidden="true">*</span> required</p>`
        : nothing
    }
  </form>`;
}

function contextOf(current: FormPage, isLocked: boolean): FormContext {
  return {
    page: current,
    isLocked,
    change: (edit) => change((now) => withState(now, edit(now.state))),
    type: (key, text, edit) => {
      change((now) => ({ ...withState(now, edit(now.state)), typed: { key, text } }));
      clearTimeout(pause);
      pause = setTimeout(() => change((now) => touch(now, key)), typingPauseMs);
    },
    leave: (key) => whenPointerIsUp(() => change((now) => leaveInput(now, key))),
    holdAsJson: (key) => change((now) => ({ ...now, asJson: new Set([...now.asJson, key]) })),
    focusOn,
  };
}

function change(edit: (current: FormPage) => FormPage): void {
  if (page === undefined) return;
  const changed = edit(page);
  if (changed !== page) update(changed);
}

function choose(side: 'form' | 'json'): void {
  change((current) => (side === 'json' ? showJson(current) : showForm(current)));
}

function draftCount({ state }: FormPage): number {
  return Object.values(state.drafts).filter((text) => text.trim() !== '').length;
}

function start({ insist }: { insist: boolean }): void {
  if (page === undefined || page.run.kind === 'running' || page.run.kind === 'asking') return;
  const values = argumentsToSend(page);
  if (values === undefined || (problemCount(page) > 0 && !insist)) {
    change((current) => ({ ...current, isAttempted: true }));
    requestAnimationFrame(focusProblem);
    return;
  }
  change((current) => ({ ...current, isAttempted: true, run: { kind: 'asking' } }));
  host.post({
    type: 'run',
    arguments: JSON.stringify(page.json === undefined ? enteredArguments(page.state) : values),
  });
}

/** Puts the keyboard where the first problem can be mended: in its input, or in a list that wants items where they go. */
function focusProblem(): void {
  const place = document.querySelector('.problem')?.closest<HTMLElement>('.row, .field, fieldset');
  const first =
    place?.querySelector<HTMLElement>('[aria-invalid=true]') ??
    place?.querySelector<HTMLElement>('.add, input, textarea, select') ??
    place;
  first?.focus();
  first?.scrollIntoView({ block: 'center' });
}

function focusFirst(): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('#side input, #side textarea, #side select')?.focus(),
  );
}

/** A problem that appears while a button is pressed would move the button away from under the pointer. */
function whenPointerIsUp(act: () => void): void {
  if (!isPointerDown) act();
  else document.addEventListener('pointerup', () => setTimeout(act), { once: true });
}

document.addEventListener('pointerdown', () => (isPointerDown = true), { capture: true });
for (const end of ['pointerup', 'pointercancel'])
  document.addEventListener(end, () => (isPointerDown = false), { capture: true });

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  start({ insist: false });
});

host.post({ type: 'ready', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
