// The command "Doctor": looks everything over with progress and Cancel, shows the findings on one page, and asks before it makes
// calls that have a price. Its page comes back after a reload of the window.
import { commands, env, ViewColumn, window, type Disposable, type ExtensionContext, type WebviewPanel } from 'vscode';
import { version } from '../../shared/version.ts';
import type { Ask } from '../doctor/agent-look.ts';
import { doctorDocument } from '../doctor/doctor-document.ts';
import { doctorMarkdown } from '../doctor/doctor-markdown.ts';
import {
  parseDoctorPageState,
  parseFromDoctorPage,
  type DoctorPageState,
  type FromDoctorPage,
  type ToDoctorPage,
} from '../doctor/doctor-page-messages.ts';
import { commandIds, panelTypes } from '../contributions.ts';
import { PartNotLoaded } from '../loaded-part.ts';
import { cancellableProgress } from './cancellable-progress.ts';
import type { Connection } from './connection.ts';
import { examineFromWindow, type ExaminedWindow } from './examine-from-window.ts';
import type { Log } from './log.ts';
import { showBriefly, showError, showWarning } from './messages.ts';
import { tellNotLoaded } from './tell-not-loaded.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';

export interface DoctorOptions extends ExaminedWindow {
  context: Pick<ExtensionContext, 'extensionUri' | 'globalState'>;
  log: Pick<Log, 'warn'>;
}

export interface Doctor extends Disposable {
  run(): Promise<void>;
  /** Its tab comes back after a reload of the window. */
  restore(panel: WebviewPanel, state: unknown): void;
  /** The window may have another bus or agent now. */
  changed(): void;
}

const ownCommands: ReadonlySet<string> = new Set(Object.values(commandIds));

export function createDoctor(options: DoctorOptions): Doctor {
  const { context, connection, log } = options;
  let panel: WebviewPanel | undefined;
  let shown: DoctorPageState | undefined;
  let isOutdated = false;
  let underWay: Promise<void> | undefined;

  const post = (): void => {
    isOutdated = shown !== undefined && shown.about !== whatAbout(connection);
    const message: ToDoctorPage = shown === undefined ? { type: 'lost' } : { type: 'show', ...shown, isOutdated };
    void panel?.webview.postMessage(message);
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
    const about = whatAbout(connection);
    try {
      const findings = await cancellableProgress('RockBot: looking from the bus to the servers', {
        cancel: () => cancelled.abort(new Error('Cancelled.')),
        work: (onStep) => examineFromWindow(options, { ask, signal: cancelled.signal, onStep }),
      });
      const document = doctorDocument(findings, {
        at: new Date().toISOString(),
        isProbed: ask.probe,
        auth: connection.session.state.auth,
        isBusSet: about !== '',
      });
      shown = { document, about };
      show();
    } catch (error) {
      if (cancelled.signal.aborted) return;
      if (error instanceof PartNotLoaded) {
        tellNotLoaded(error);
        return;
      }
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
    adopt(
      window.createWebviewPanel(panelTypes.doctor, 'RockBot Doctor', ViewColumn.Active, {
        ...webviewOptions(context.extensionUri),
        enableFindWidget: true,
      }),
    );
  }

  function adopt(own: WebviewPanel): void {
    panel = own;
    const { webview } = own;
    webview.onDidReceiveMessage((data: unknown) => {
      const message = parseFromDoctorPage(data);
      if (message !== undefined) void handle(message);
    });
    own.onDidDispose(() => {
      if (panel === own) panel = undefined;
    });
    webview.options = webviewOptions(context.extensionUri);
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
        await env.clipboard.writeText(doctorMarkdown(shown.document, version));
        showBriefly('Copied as Markdown', 'check');
        return;
      case 'step':
        if (
          ownCommands.has(message.command) &&
          shown?.document.care.some(({ step }) => step?.command === message.command)
        )
          // What came back from the page's own memory is no reason to run any other command.
          await commands.executeCommand(message.command);
        return;
    }
  }

  return {
    run: () => run({ refresh: false, probe: false }),
    restore: (own, state) => {
      if (panel !== undefined) {
        own.dispose();
        return;
      }
      shown = parseDoctorPageState(state);
      adopt(own);
    },
    changed: () => {
      if (shown !== undefined && isOutdated !== (shown.about !== whatAbout(connection))) post();
    },
    dispose: () => panel?.dispose(),
  };
}

/** Tells one bus and agent from others; empty where there is no bus. */
function whatAbout({ session, settings }: Pick<Connection, 'session' | 'settings'>): string {
  const { natsUrl, agentName, connectionProblem } = settings();
  // Right after the start it is not told to the session yet.
  const { url, agentName: agent } = session.target ?? { url: natsUrl, agentName };
  if (session.target === undefined && connectionProblem !== undefined) return connectionProblem;
  return url === undefined ? '' : `${url} ${agent}`;
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
