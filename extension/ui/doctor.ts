// The command "Doctor": looks everything over with progress and Cancel, shows the findings on one page, and asks before it makes
// calls that have a price.
import { commands, env, ViewColumn, window, type Disposable, type ExtensionContext, type WebviewPanel } from 'vscode';
import { version } from '../../shared/version.ts';
import type { Ask } from '../doctor/agent-look.ts';
import { doctorDocument, type DoctorDocument } from '../doctor/doctor-document.ts';
import { doctorMarkdown } from '../doctor/doctor-markdown.ts';
import { parseFromDoctorPage, type FromDoctorPage, type ToDoctorPage } from '../doctor/doctor-page-messages.ts';
import { cancellableProgress } from './cancellable-progress.ts';
import type { Connection } from './connection.ts';
import { examineFromWindow, type ExaminedWindow } from './examine-from-window.ts';
import type { Log } from './log.ts';
import { showBriefly, showError, showWarning } from './messages.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';

export interface DoctorOptions extends ExaminedWindow {
  context: Pick<ExtensionContext, 'extensionUri' | 'globalState'>;
  log: Pick<Log, 'warn'>;
}

export interface Doctor extends Disposable {
  run(): Promise<void>;
}

export function createDoctor(options: DoctorOptions): Doctor {
  const { context, connection, log } = options;
  let panel: WebviewPanel | undefined;
  let shown: DoctorDocument | undefined;
  let underWay: Promise<void> | undefined;

  const post = (): void => {
    const message: ToDoctorPage | undefined = shown && { type: 'show', document: shown };
    if (message !== undefined) void panel?.webview.postMessage(message);
  };

  /** One at a time: a second command shows what the first one finds. */
  function run(ask: Ask): Promise<void> {
    underWay ??= look(ask).finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function look(ask: Ask): Promise<void> {
    const cancelled = new AbortController();
    try {
      const findings = await cancellableProgress('RockBot: looking from the bus to the servers', {
        cancel: () => cancelled.abort(new Error('Cancelled.')),
        work: (onStep) => examineFromWindow(options, { ask, signal: cancelled.signal, onStep }),
      });
      shown = doctorDocument(findings, {
        at: new Date().toISOString(),
        isProbed: ask.probe,
        auth: connection.session.state.auth,
      });
      show();
    } catch (error) {
      if (cancelled.signal.aborted) return;
      log.warn('The doctor could not finish.', { error: error instanceof Error ? error.message : String(error) });
      void showError('The doctor could not finish; the RockBot log says more.');
    }
  }

  function show(): void {
    if (panel !== undefined) {
      post();
      panel.reveal();
      return;
    }
    panel = window.createWebviewPanel('rockbot.doctor', 'RockBot Doctor', ViewColumn.Active, {
      ...webviewOptions(context.extensionUri),
      enableFindWidget: true,
    });
    const { webview } = panel;
    webview.onDidReceiveMessage((data: unknown) => {
      const message = parseFromDoctorPage(data);
      if (message !== undefined) void handle(message);
    });
    panel.onDidDispose(() => {
      panel = undefined;
    });
    webview.html = webviewPage({
      webview,
      extensionUri: context.extensionUri,
      page: 'doctor',
      title: 'RockBot Doctor',
    });
  }

  async function handle(message: FromDoctorPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        post();
        return;
      case 'again':
        await run({ refresh: false, probe: false });
        return;
      case 'refresh':
        await run({ refresh: true, probe: false });
        return;
      case 'probe':
        if (await mayProbe(connection)) await run({ refresh: false, probe: true });
        return;
      case 'copy':
        if (shown === undefined) return;
        await env.clipboard.writeText(doctorMarkdown(shown, version));
        showBriefly('Copied as Markdown', 'check');
        return;
      case 'step':
        if (shown?.care.some(({ step }) => step?.command === message.command))
          await commands.executeCommand(message.command);
        return;
    }
  }

  return {
    run: () => run({ refresh: false, probe: false }),
    dispose: () => panel?.dispose(),
  };
}

async function mayProbe({ session }: Connection): Promise<boolean> {
  const call = 'Make the Calls';
  const who = session.state.auth?.account?.username ?? 'the signed-in account';
  const chosen = await showWarning(
    'Make one call to each Work IQ server?',
    {
      modal: true,
      detail: `Tools are listed to everybody, so only a call shows whether ${who} has the licence. Each call only reads, such as the id of the account; Microsoft may bill it, and it counts in the budgets of the agent.`,
    },
    call,
  );
  return chosen === call;
}
