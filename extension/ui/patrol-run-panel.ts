// One editor tab with the record of a patrol's run: feeds its page, answers it, and asks for the record where it is not here.
import { env, type Disposable, type Uri, type WebviewPanel } from 'vscode';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { problemOf } from '../connection/problem.ts';
import { runMarkdown } from '../patrols/run-markdown.ts';
import { parseFromRunPage, type FromRunPage, type ToRunPage } from '../patrols/run-page-messages.ts';
import { stepEvent } from '../patrols/step-event.ts';
import { cleanLine } from '../results/clean-text.ts';
import { jsonText } from '../results/json-text.ts';
import { createTimeText } from '../results/time-text.ts';
import { showBriefly } from './messages.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';

export interface PatrolRunPanelOptions {
  panel: WebviewPanel;
  extensionUri: Uri;
  /** One run whole, with results. */
  record: (runId: string) => Promise<PatrolRun>;
  showResult: (event: ToolResultEvent) => void;
  /** The run with what its errors advise here and now. */
  advised: (run: PatrolRun) => PatrolRun;
  onRunAgain: (patrol: string) => void;
  onCancel: (patrol: string) => void;
  onDispose: () => void;
}

/** What is known of a run before its record is here. */
export interface RunRef {
  runId: string;
  patrol: string;
}

export interface PatrolRunPanel {
  readonly panel: WebviewPanel;
  readonly runId: string | undefined;
  /** Shows what is known at once, and the whole record as soon as it is here. */
  show(run: PatrolRun | RunRef): void;
  /** News of a run; of another than the one that is shown they say nothing. */
  heard(run: PatrolRun): void;
  /** Asks again for a record that could not be had before. */
  retry(): void;
  /** Something else is advised now. */
  refresh(): void;
}

export function openPatrolRunPanel(options: PatrolRunPanelOptions): PatrolRunPanel {
  const { panel, extensionUri, record, showResult, advised, onRunAgain, onCancel, onDispose } = options;
  const { webview } = panel;
  let ref: RunRef | undefined;
  let run: PatrolRun | undefined;
  /** The record with its results is here. */
  let isWhole = false;
  let failure: string | undefined;
  const subscriptions: Disposable[] = [];

  const post = (message: ToRunPage): void => void webview.postMessage(message);

  function send(): void {
    if (ref === undefined) return;
    panel.title = `Patrol ${cleanLine(ref.patrol)}`;
    if (run !== undefined) post({ type: 'show', run: jsonText(advised(run)) });
    else if (failure !== undefined) post({ type: 'lost', patrol: ref.patrol, message: failure });
  }

  async function load(): Promise<PatrolRun | undefined> {
    const wanted = ref;
    if (wanted === undefined) return undefined;
    try {
      const loaded = await record(wanted.runId);
      if (ref?.runId !== wanted.runId) return undefined;
      // While it was on its way the run may have ended.
      if (loaded.status === 'running' && run !== undefined && run.status !== 'running') return run;
      run = loaded;
      isWhole = loaded.status !== 'running';
      failure = undefined;
    } catch (error) {
      if (ref?.runId !== wanted.runId) return undefined;
      const { message, action } = problemOf(error);
      failure = [message, action].filter(Boolean).join(' ');
    }
    send();
    return run;
  }

  async function openStep(index: number): Promise<void> {
    const whole = isWhole ? run : await load();
    const step = whole?.steps[index];
    const event = whole === undefined || step === undefined ? undefined : stepEvent(whole, step);
    if (event === undefined) showBriefly('This step has no result', 'info');
    else showResult(event);
  }

  async function copy(text: string, what: string): Promise<void> {
    await env.clipboard.writeText(text);
    showBriefly(`Copied ${what}`, 'check');
  }

  async function handle(message: FromRunPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        send();
        return;
      case 'copyJson':
        if (run !== undefined) await copy(jsonText(run, { indent: 2 }), 'as JSON');
        return;
      case 'copyMarkdown': {
        const { timeZone, locale } = message;
        if (run !== undefined)
          await copy(runMarkdown(advised(run), createTimeText({ timeZone, locale, now: Date.now() })), 'as Markdown');
        return;
      }
      case 'openStep':
        await openStep(message.index);
        return;
      case 'runAgain':
        if (ref !== undefined) onRunAgain(ref.patrol);
        return;
      case 'cancel':
        if (ref !== undefined) onCancel(ref.patrol);
        return;
      case 'reload':
        await load();
        return;
    }
  }

  subscriptions.push(
    webview.onDidReceiveMessage((data: unknown) => {
      const message = parseFromRunPage(data);
      return message === undefined ? undefined : handle(message);
    }),
    panel.onDidDispose(() => {
      ref = undefined;
      for (const subscription of subscriptions) subscription.dispose();
      onDispose();
    }),
  );
  webview.options = webviewOptions(extensionUri);
  webview.html = webviewPage({ webview, extensionUri, page: 'patrol-run', title: 'Patrol run' });

  return {
    panel,
    get runId() {
      return ref?.runId;
    },
    show: (next) => {
      if (ref?.runId !== next.runId) [run, isWhole, failure] = [undefined, false, undefined];
      ref = { runId: next.runId, patrol: next.patrol };
      if (!isWhole && 'status' in next) run = next;
      send();
      if (!isWhole) void load();
    },
    heard: (news) => {
      if (news.runId !== ref?.runId || isWhole) return;
      run = news;
      failure = undefined;
      send();
      if (news.status !== 'running') void load();
    },
    retry: () => {
      if (run === undefined) void load();
    },
    refresh: send,
  };
}
