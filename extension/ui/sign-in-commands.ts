// Connect, Reconnect and Disconnect before a person's eyes: dialogs, progress and the one message at the end.
import { commands, env, ProgressLocation, Uri, type Progress } from 'vscode';
import { commandIds } from '../contributions.ts';
import { problemOf } from '../connection/problem.ts';
import {
  connectedMessage,
  disconnectedMessage,
  failedMessage,
  followUpTitle,
  interruptedMessage,
  type FollowUp,
  type SignInMessage,
} from '../connection/sign-in-outcome.ts';
import type { RunningSignIn, SignInPerson, SignInSession } from '../connection/sign-in-session.ts';
import { stepText } from '../connection/status-view.ts';
import type { SignInMark } from '../connection/sign-in-mark.ts';
import type { ConnectionEvent, ConnectionState, SignInStep } from '../connection/connection-state.ts';
import type { SignInWay } from '../connection/sign-in-way.ts';
import type { HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import type { ReplyOf } from '../../shared/contract/contract.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { cleanLine } from '../results/clean-text.ts';
import { countdownText } from '../connection/countdown-text.ts';
import { promptDeviceCode } from './device-code-prompt.ts';
import type { KeyApproval } from './key-approval.ts';
import type { Log } from './log.ts';
import { promptRunningSignIn } from './running-sign-in-prompt.ts';
import { showBriefly, showError, showInfo, showWarning, withProgress } from './messages.ts';

export interface SignInCommandsOptions {
  /** Made here, because it asks this file's person. */
  createSession: (person: SignInPerson) => SignInSession;
  /** For the window that comes after a reload. */
  mark: SignInMark;
  state: () => ConnectionState;
  tell: (event: Extract<ConnectionEvent, { kind: 'sign_in' | 'sign_in_ended' }>) => void;
  keys: KeyApproval;
  way: () => SignInWay;
  overrides: () => { tenantId?: string | undefined; clientId?: string | undefined };
  disconnect: () => Promise<ReplyOf<'authDisconnect'>>;
  refresh: () => Promise<void>;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
}

export interface SignInCommands {
  connect(way?: SignInWay): Promise<void>;
  /** Tells of a sign-in that the window before did not end. */
  tellInterrupted(way: SignInWay): Promise<void>;
  disconnect(): Promise<void>;
  dispose(): void;
}

const tickMs = 1_000;

export function createSignInCommands(options: SignInCommandsOptions): SignInCommands {
  const { state, tell, keys } = options;
  let progress: Progress<{ message: string }> | undefined;
  let report = (): void => undefined;
  /** The way that the person changed to; the sign-in that is ended for it says nothing. */
  let successor: SignInWay | undefined;
  let step: SignInStep | undefined;
  /** Of what is shown about the present step. */
  let ended = new AbortController();

  const session = options.createSession({
    approveKey: (fingerprint, profile, onAsked) => keys.approve(fingerprint, profile, onAsked),
    openPage: async (url) => env.openExternal(Uri.parse(url, true)),
    showCode: (code) => void promptDeviceCode(code, { signal: ended.signal, cancel: () => session.running?.cancel() }),
    changed: (running) => {
      if (running !== undefined) tell({ kind: 'sign_in', step: running.step });
      // What can be done is another thing in every step; a code that was used needs no prompt any more.
      if (running?.step !== step) {
        ended.abort();
        ended = new AbortController();
      }
      step = running?.step;
      options.mark.follow(running);
      report();
    },
  });

  async function connect(wanted?: SignInWay): Promise<void> {
    if (session.running !== undefined) {
      await showRunning(session.running);
      return;
    }
    const way = wanted ?? options.way();
    options.log.info('A sign-in begins.', { way });
    let receipt: HandOffReceipt;
    // At once: who clicks again before VS Code shows the progress is shown this one as well.
    const outcome = session.run({ way, overrides: options.overrides() });
    outcome.catch(() => undefined);
    try {
      receipt = await withProgress(
        { location: ProgressLocation.Notification, title: 'RockBot', cancellable: true },
        (reporter, token) => showProgress(outcome, reporter, token),
      );
    } catch (error) {
      await failed(error, way);
      return;
    }
    tell({ kind: 'sign_in_ended' });
    options.log.info('The agent is connected to Microsoft 365.', { generation: receipt.generation });
    void options.refresh();
    const { servers } = state();
    await showMessage(connectedMessage(receipt.account, { hasServers: servers === undefined || servers.length > 0 }));
  }

  async function failed(error: unknown, way: SignInWay): Promise<void> {
    const problem = problemOf(error);
    tell({ kind: 'sign_in_ended', refusal: problem.code === 'handoff_refused' ? problem : undefined });
    const next = successor;
    successor = undefined;
    if (next !== undefined) {
      await connect(next);
      return;
    }
    if (error instanceof RockBotError) options.log.warn('The sign-in ended.', { ...problem, way });
    else options.log.error('The sign-in failed unexpectedly.', { error });
    await showMessage(failedMessage(error, way));
  }

  async function showProgress(
    outcome: Promise<HandOffReceipt>,
    reporter: Progress<{ message: string }>,
    token: { onCancellationRequested: (listener: () => void) => { dispose(): void } },
  ): Promise<HandOffReceipt> {
    const cancelling = token.onCancellationRequested(() => session.running?.cancel());
    progress = reporter;
    report = () => {
      if (session.running !== undefined) progress?.report({ message: progressText(session.running) });
    };
    report();
    const timer = setInterval(report, tickMs);
    try {
      return await outcome;
    } finally {
      clearInterval(timer);
      cancelling.dispose();
      progress = undefined;
      report = () => undefined;
    }
  }

  async function showMessage({ severity, text, next, other }: SignInMessage): Promise<void> {
    const show = {
      info: showInfo,
      warning: showWarning,
      error: showError,
    }[severity];
    const offers = [next, other].filter((offer) => offer !== undefined);
    const title = await show(text, ...offers.map(followUpTitle));
    const chosen = offers.find((offer) => followUpTitle(offer) === title);
    if (chosen !== undefined) await take(chosen);
  }

  async function take(next: FollowUp): Promise<void> {
    switch (next.kind) {
      case 'retry':
        return connect(next.way);
      case 'device_code':
        return connect('device_code');
      case 'copy_for_admin':
        await env.clipboard.writeText(next.text);
        showBriefly('Copied; send it to your administrator', 'check');
        return;
      case 'ask_operator':
        await env.clipboard.writeText(next.text);
        showBriefly("Copied; send it to the agent's operator", 'check');
        return;
      case 'set_address':
        await commands.executeCommand(commandIds.setBusAddress);
        return;
      case 'start_local_agent':
        await commands.executeCommand(commandIds.startLocalAgent);
        return;
      case 'open_settings':
        await commands.executeCommand(commandIds.openSettings);
        return;
      case 'set_credentials':
        await commands.executeCommand(commandIds.setBusCredentials);
        return;
      case 'add_work_iq':
        await commands.executeCommand(commandIds.addWorkIq);
        return;
      case 'reload_window':
        await commands.executeCommand('workbench.action.reloadWindow');
        return;
      case 'show_log':
        await commands.executeCommand(commandIds.showLog);
    }
  }

  /** A second click while one runs shows that one. */
  async function showRunning(running: RunningSignIn): Promise<void> {
    if (running.code !== undefined) {
      await promptDeviceCode(running.code, { signal: ended.signal, cancel: running.cancel });
      return;
    }
    await promptRunningSignIn({
      running: () => session.running,
      signal: ended.signal,
      useDeviceCode: () => {
        if (session.running === undefined) return;
        successor = 'device_code';
        session.running.cancel();
      },
    });
  }

  async function disconnect(): Promise<void> {
    const account = state().auth?.account;
    const stop = 'Disconnect';
    const chosen = await showWarning(
      `Disconnect ${account === undefined ? 'the agent' : cleanLine(account.username)} from Microsoft 365?`,
      {
        modal: true,
        detail: `The agent "${state().agentName}" forgets the sign-in for everybody who uses it, and which account and signer it was pinned to. Its tools stop working until somebody connects again.`,
      },
      stop,
    );
    if (chosen !== stop) return;
    try {
      const {
        disconnected,
        removed,
        account: whose = account,
      } = await withProgress({ location: ProgressLocation.Window, title: 'RockBot: disconnecting' }, () =>
        options.disconnect(),
      );
      // Paths and keys are for who looks into it.
      options.log.info('The agent was disconnected from Microsoft 365.', { removed });
      void showInfo(disconnectedMessage({ disconnected, account: whose }));
    } catch (error) {
      await showMessage(failedMessage(error, options.way()));
    }
  }

  return {
    connect,
    tellInterrupted: (way) => showMessage(interruptedMessage(way)),
    disconnect,
    // What runs ends with the window, and the next one says so.
    dispose: () => options.mark.keep(),
  };
}

function progressText(running: RunningSignIn): string {
  const { step, code, way } = running;
  if (step !== 'sign_in') return `${stepText(step)}…`;
  if (code !== undefined) {
    return `enter the code ${cleanLine(code.userCode)} at ${cleanLine(code.verificationUri)} (${countdownText(code.expiresAt - Date.now())} left)`;
  }
  return way === 'browser' ? 'waiting for the sign-in in your browser…' : 'asking Microsoft for a code…';
}
