// The page of a tool's result: takes it from the extension, shows it, and hands on what the reader wants done with it.
import type { ToolResultEvent } from '../../../shared/contract/tool-messages.ts';
import {
  parseResultPageState,
  parseToResultPage,
  type FromResultPage,
  type ResultPageState,
  type ToResultPage,
} from '../../results/panel-messages.ts';
import { openHostPort } from '../messaging/host-port.ts';
import { watchTheme } from '../theme/font-unit.ts';
import '../theme/page.css';
import { onAction } from './page-action.ts';
import './result-page.ts';

const page = document.createElement('result-page');

const host = openHostPort<ToResultPage, FromResultPage, ResultPageState>({
  parseMessage: parseToResultPage,
  parseState: parseResultPageState,
  onMessage: receive,
});

function receive(message: ToResultPage): void {
  if (message.type === 'kept') {
    page.isKept = message.isKept;
    return;
  }
  // Parsed by the extension; the text is its own writing of it.
  page.shown =
    message.type === 'show' ? { event: JSON.parse(message.event) as ToolResultEvent } : { lost: message.facts };
  page.canRunAgain = message.canRunAgain;
  if (message.type === 'show') page.isKept = message.isKept;
  // Another result starts with its view.
  const state = host.state();
  page.mode = state?.facts.callId === page.facts?.callId ? (state?.mode ?? 'view') : 'view';
  save();
}

function save(): void {
  const { facts, mode } = page;
  if (facts !== undefined) host.saveState({ facts, mode });
}

watchTheme();
onAction(page, (message) => host.post(message));
page.addEventListener('mode-change', save);
document.body.append(page);
host.post({ type: 'ready' });
