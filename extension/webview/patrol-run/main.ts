// The page of a patrol run's record: takes it from the extension, shows it, and hands on what the reader wants done with it.
import { parseRun } from '../../patrols/parse-run.ts';
import {
  parseRunPageState,
  parseToRunPage,
  type FromRunPage,
  type RunPageState,
  type ToRunPage,
} from '../../patrols/run-page-messages.ts';
import { openHostPort } from '../messaging/host-port.ts';
import { watchTheme } from '../theme/font-unit.ts';
import '../theme/page.css';
import './run-page.ts';

const savePauseMs = 200;

const page = document.createElement('run-page');
let pause: ReturnType<typeof setTimeout> | undefined;

const host = openHostPort<ToRunPage, FromRunPage, RunPageState>({
  parseMessage: parseToRunPage,
  parseState: parseRunPageState,
  onMessage: (message) => void receive(message),
});

async function receive(message: ToRunPage): Promise<void> {
  if (message.type === 'lost') {
    page.shown = { lost: message.message, patrol: message.patrol };
    return;
  }
  const run = parseRun(message.run);
  if (run === undefined) return;
  const isUpdate = page.run?.runId === run.runId;
  page.shown = { run };
  await page.updateComplete;
  if (!isUpdate) {
    const state = host.state();
    page.scrollTop = state?.runId === run.runId ? state.top : 0;
  }
  save();
  if (document.hasFocus() && document.activeElement === document.body) page.focusContent();
}

function save(): void {
  const { run, scrollTop } = page;
  if (run !== undefined) host.saveState({ runId: run.runId, patrol: run.patrol, top: scrollTop });
}

function saveSoon(): void {
  clearTimeout(pause);
  pause = setTimeout(save, savePauseMs);
}

watchTheme();
page.act = (message) => host.post(message);
page.addEventListener('scroll', saveSoon, { passive: true });
window.addEventListener('focus', () => {
  if (document.activeElement === document.body) page.focusContent();
});
document.body.append(page);
host.post({ type: 'ready' });
