// One editor tab with the result of one call at a time: feeds its page and answers it; it decides nothing about tabs.
import { env, type Disposable, type Uri, type WebviewPanel } from 'vscode';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { cleanLine } from '../results/clean-text.ts';
import { callFacts } from '../results/call-facts.ts';
import { parseExactJson } from '../results/exact-json.ts';
import { jsonText } from '../results/json-text.ts';
import type { NextStep } from '../results/next-step.ts';
import {
  parseFromResultPage,
  type CallFacts,
  type FromResultPage,
  type ToResultPage,
} from '../results/panel-messages.ts';
import { resultDocument, type CallContext } from '../results/result-document.ts';
import { readResult } from '../results/result-parts.ts';
import { safeLink } from '../results/safe-link.ts';
import { createTimeText } from '../results/time-text.ts';
import { resultMarkdown } from '../results/to-markdown.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';
import { showBriefly } from './messages.ts';
import { readerLocale } from './reader-locale.ts';
import { createResultPages, type NextPage } from './result-pages.ts';
import { saveFile } from './save-file.ts';

export interface ResultPanelOptions {
  panel: WebviewPanel;
  extensionUri: Uri;
  openAddress: (address: string) => Thenable<unknown>;
  /** What this window knows of a call. */
  contextOf: (event: ToolResultEvent) => CallContext;
  onStep: (step: NextStep, call: CallFacts) => void;
  nextPage: NextPage;
  /** The page tells the zone of the reader's screen. */
  onTimeZone: (timeZone: string) => void;
  onDispose: () => void;
}

export interface ResultPanel {
  readonly panel: WebviewPanel;
  /** The call that is shown. */
  readonly callId: string | undefined;
  /** A kept panel is not taken for the next result. */
  isKept: boolean;
  show(event: ToolResultEvent): void;
  /** Says that the result of this call is gone. */
  showLost(facts: CallFacts): void;
}

type Content = { event: ToolResultEvent } | { facts: CallFacts };

export function openResultPanel(options: ResultPanelOptions): ResultPanel {
  const { panel, extensionUri, openAddress, contextOf, onStep, nextPage, onTimeZone, onDispose } = options;
  const { webview } = panel;
  let content: Content | undefined;
  let isKept = false;
  const subscriptions: Disposable[] = [];

  const post = (message: ToResultPage): void => void webview.postMessage(message);
  const facts = (): CallFacts | undefined =>
    content === undefined ? undefined : 'event' in content ? callFacts(content.event) : content.facts;

  const pages = createResultPages({
    nextPage,
    onAppended: (event) => {
      content = { event };
      send();
    },
    onChanged: (paging) => post({ type: 'paging', paging }),
  });

  const send = (): void => {
    const call = facts();
    if (content === undefined || call === undefined) return;
    panel.title = cleanLine(call.tool);
    if ('event' in content) {
      const { advice, requests } = contextOf(content.event);
      post({
        type: 'show',
        event: jsonText(content.event),
        ...(advice !== undefined && { advice }),
        ...(requests !== undefined && { requests: requests.map((names) => [...names]) }),
        paging: pages.of(content.event),
        isKept,
      });
    } else post({ type: 'lost', facts: call });
  };

  const copy = async (text: string, what: string): Promise<void> => {
    await env.clipboard.writeText(text);
    showBriefly(`Copied ${what}`, 'check');
  };

  const handle = async (message: FromResultPage): Promise<void> => {
    const event = content !== undefined && 'event' in content ? content.event : undefined;
    switch (message.type) {
      case 'ready':
        if (message.timeZone !== undefined) onTimeZone(message.timeZone);
        send();
        return;
      case 'keep':
        isKept = true;
        post({ type: 'kept', isKept });
        return;
      case 'loadMore':
        if (event !== undefined) await pages.load(event, message.block);
        return;
      case 'copyText':
        await copy(message.text, 'to the clipboard');
        return;
      case 'copyJson':
        if (event !== undefined) await copy(jsonText(jsonOf(event, message.isWhole), { indent: 2 }), 'as JSON');
        return;
      case 'copyMarkdown': {
        const times = createTimeText({ timeZone: message.timeZone, locale: readerLocale(), now: Date.now() });
        if (event !== undefined) await copy(resultMarkdown(event, times, contextOf(event)), 'as Markdown');
        return;
      }
      case 'saveFile': {
        const block = event && resultDocument(event, contextOf(event)).blocks[message.block];
        if (block?.kind === 'image' || block?.kind === 'attachment') await saveFile(block);
        return;
      }
      case 'openLink': {
        const href = safeLink(message.url);
        if (href !== undefined) await openAddress(href);
        return;
      }
      case 'step': {
        const call = facts();
        if (call !== undefined) onStep(message.step, call);
        return;
      }
    }
  };

  subscriptions.push(
    webview.onDidReceiveMessage((data: unknown) => {
      const message = parseFromResultPage(data);
      return message === undefined ? undefined : handle(message);
    }),
    panel.onDidDispose(() => {
      content = undefined;
      pages.forget();
      for (const subscription of subscriptions) subscription.dispose();
      onDispose();
    }),
  );
  webview.options = webviewOptions(extensionUri);
  // The page asks for its content whenever it loads, which it does each time that it comes out of hiding.
  webview.html = webviewPage({ webview, extensionUri, page: 'result', title: 'Tool result', images: true });

  return {
    panel,
    get callId() {
      return facts()?.callId;
    },
    get isKept() {
      return isKept;
    },
    set isKept(value) {
      isKept = value;
      post({ type: 'kept', isKept });
    },
    show: (event) => {
      pages.forget();
      content = { event };
      send();
    },
    showLost: (call) => {
      pages.forget();
      content = { facts: call };
      send();
    },
  };
}

function jsonOf({ result, error }: ToolResultEvent, isWhole: boolean): unknown {
  if (result === undefined || result === null) return error ?? null;
  return (isWhole ? undefined : readResult(result, { parse: parseExactJson }).json) ?? result;
}
