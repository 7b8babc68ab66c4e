// The page of a tool's result: takes it from the extension, shows it, and hands on what the reader wants done with it.
import {
  parseResultPageState,
  parseToResultPage,
  type FromResultPage,
  type ResultPageState,
  type ToResultPage,
} from '../../results/panel-messages.ts';
import { parseResultEvent } from '../../results/parse-result-event.ts';
import { openHostPort } from '../messaging/host-port.ts';
import { watchTheme } from '../theme/font-unit.ts';
import '../theme/page.css';
import { onAction } from './page-action.ts';
import './result-page.ts';

const savePauseMs = 200;

const page = document.createElement('result-page');
let pause: ReturnType<typeof setTimeout> | undefined;

const host = openHostPort<ToResultPage, FromResultPage, ResultPageState>({
  parseMessage: parseToResultPage,
  parseState: parseResultPageState,
  onMessage: (message) => void receive(message),
});

async function receive(message: ToResultPage): Promise<void> {
  if (message.type === 'kept') {
    page.isKept = message.isKept;
    return;
  }
  if (message.type === 'paging') {
    page.paging = message.paging;
    return;
  }
  // Before it is drawn anew: what is saved may be a moment old.
  const place = page.place;
  const before = page.facts?.callId;
  if (message.type === 'lost') page.shown = { lost: message.facts };
  else {
    const event = parseResultEvent(message.event);
    if (event === undefined) return;
    const { advice, requests, paging } = message;
    page.shown = { event, context: { advice, requests } };
    page.paging = paging;
    page.isKept = message.isKept;
  }
  const state = host.state();
  // Another result starts from its beginning.
  const known = state?.facts.callId === page.facts?.callId ? state : undefined;
  page.mode = known?.mode ?? 'view';
  const last = before !== undefined && before === page.facts?.callId ? place : known?.place;
  if (last !== undefined) await page.restore(last);
  await page.updateComplete;
  save();
  // The lists inside draw themselves a moment later.
  setTimeout(focusContent);
}

function save(): void {
  const { facts, mode, place } = page;
  if (facts !== undefined) host.saveState({ facts, mode, ...(place !== undefined && { place }) });
}

function saveSoon(): void {
  clearTimeout(pause);
  pause = setTimeout(save, savePauseMs);
}

/** Unless the reader already has the keyboard somewhere. */
function focusContent(): void {
  if (document.hasFocus() && document.activeElement === document.body) page.focusContent();
}

/** The search of VS Code sees only what is drawn. */
function onFind(event: KeyboardEvent): void {
  if (event.key !== 'f' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const box = page.querySelector<HTMLElement>('.search, .filter');
  if (box === null) return;
  event.preventDefault();
  event.stopPropagation();
  box.focus();
}

watchTheme();
onAction(page, (message) => host.post(message));
page.addEventListener('mode-change', save);
page.addEventListener('place-change', saveSoon);
page.addEventListener('scroll', saveSoon, { capture: true, passive: true });
page.addEventListener('keydown', onFind);
window.addEventListener('focus', focusContent);
document.body.append(page);
host.post({ type: 'ready', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
