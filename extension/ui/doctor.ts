// The command "Doctor": looks everything over with progress and Cancel, shows the findings on one page, and asks before it makes
// calls that have a price.
import { dirname } from 'node:path';
import {
  commands,
  env,
  ProgressLocation,
  ViewColumn,
  window,
  type Disposable,
  type ExtensionContext,
  type WebviewPanel,
} from 'vscode';
import { systemClock } from '../../shared/clock.ts';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import { version } from '../../shared/version.ts';
import type { Bus } from '../bus.ts';
import { busErrorAdvice } from '../connection/window-advice.ts';
import type { Ask } from '../doctor/agent-look.ts';
import type { ExpectedKey } from '../doctor/check-key.ts';
import { doctorDocument, type DoctorDocument } from '../doctor/doctor-document.ts';
import { doctorMarkdown } from '../doctor/doctor-markdown.ts';
import { parseFromDoctorPage, type FromDoctorPage, type ToDoctorPage } from '../doctor/doctor-page-messages.ts';
import { isLocalAgentKey } from '../local/local-agent-key.ts';
import { openBus, type Connection } from './connection.ts';
import { knownAgentKeys } from './key-approval.ts';
import type { Log } from './log.ts';
import { showBriefly, showError, showWarning, withProgress } from './messages.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';

export interface DoctorOptions {
  context: Pick<ExtensionContext, 'extensionUri' | 'globalState'>;
  connection: Connection;
  /** Path of the mcp.json of the local agent that this window uses; undefined for another agent. */
  localFile: () => string | undefined;
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
    const title = 'RockBot: looking from the bus to the servers';
    const cancelled = new AbortController();
    try {
      const findings = await withProgress(
        { location: ProgressLocation.Notification, title, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => cancelled.abort(new Error('Cancelled.')));
          return examine(options, { ask, signal: cancelled.signal, onStep: (message) => progress.report({ message }) });
        },
      );
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

interface Examination {
  ask: Ask;
  signal: AbortSignal;
  onStep: (what: string) => void;
}

async function examine({ context, connection, localFile }: DoctorOptions, { ask, signal, onStep }: Examination) {
  const { runDoctor } = await import('../doctor/run-doctor.ts');
  const { session } = connection;
  const settings = connection.settings();
  const local = localFile();
  const { target } = session;
  const problems = [
    ...(local === undefined ? settings.problems : []),
    ...(target === undefined && settings.problems.length === 0
      ? ['No bus is set in rockbot.nats.url, and no local agent runs.']
      : []),
  ];
  const { url: busUrl, agentName } = target ?? { url: '', agentName: settings.agentName };
  const place = { busUrl, agentName, pinned: settings.agentPublicKey, folder: local && dirname(local) };
  let bus: Bus | undefined;
  try {
    return await runDoctor({
      busUrl,
      agent: agentName,
      version,
      settings: {
        problems,
        summary: `${local === undefined ? '' : 'local '}agent "${agentName}" on ${busUrl}`,
      },
      credentials: async () => {
        const own = await connection.credentials();
        const from = local === undefined ? "VS Code's secret storage" : 'the local agent';
        return own && { publicKey: own.publicKey, from };
      },
      // Of its own: what it tries out is no news of the window's connection.
      openBus: async () => (bus = await openBus({ url: busUrl, agentName }, await connection.credentials(), signal)),
      expectedKey: (key) => expectedKey(context, place, key),
      ask,
      advice: busErrorAdvice,
      clock: systemClock,
      signal,
      onStep,
    });
  } finally {
    await bus?.close();
  }
}

/** As a sign-in of this window would judge it. */
async function expectedKey(
  { globalState }: DoctorOptions['context'],
  place: { busUrl: string; agentName: string; pinned: string | undefined; folder: string | undefined },
  shown: AgentPublicKey,
): Promise<ExpectedKey | undefined> {
  if (place.folder !== undefined) {
    const isItsKey = await isLocalAgentKey(place.folder, shown);
    if (isItsKey !== undefined) return { by: 'file', key: isItsKey ? shown.kid : 'the one in its folder' };
  }
  if (place.pinned !== undefined) return { by: 'pin', key: place.pinned };
  const known = knownAgentKeys(globalState)[`${place.busUrl} ${place.agentName}`];
  return known === undefined ? undefined : { by: 'memory', key: known };
}
