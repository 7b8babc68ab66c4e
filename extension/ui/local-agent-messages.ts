// What a person is told of the local agent, with what can be done next; it starts and stops nothing.
import { commands } from 'vscode';
import { problemOf, type Problem } from '../connection/problem.ts';
import { commandIds } from '../contributions.ts';
import { startCancelled } from '../local/window-local-agent.ts';
import type { Log } from './log.ts';
import { showError, showInfo } from './messages.ts';

export interface LocalAgentMessages {
  runs(words: string): void;
  startCancelled(): void;
  noneRuns(): void;
  stopped(): void;
  /** It is over without anybody's wish. */
  gaveUp(error: Error): void;
  startFailed(error: unknown): void;
  failed(error: unknown): void;
  /** Those who share a launch need not all say why it failed. */
  isTold(error: Error): void;
}

export function createLocalAgentMessages(log: Pick<Log, 'warn'>): LocalAgentMessages {
  const told = new WeakSet<Error>();

  async function startFailed(error: unknown): Promise<void> {
    if (error instanceof Error) {
      if (told.has(error)) return;
      told.add(error);
    }
    const problem = problemOf(error);
    const { code, message, action } = problem;
    if (code === 'cancelled') {
      await offerStart(message, showInfo);
      return;
    }
    log.warn(message, { code, action, ...(code === 'internal' && { error }) });
    const step =
      code === 'invalid_request'
        ? { label: 'Open Settings', command: commandIds.openSettings }
        : { label: 'Show Log', command: commandIds.showLog };
    const chosen = await showError(`The local agent could not be started. ${inWords(problem)}`, step.label);
    if (chosen === step.label) await commands.executeCommand(step.command);
  }

  return {
    runs: (words) => void offerConnect(words),
    startCancelled: () => void offerStart(startCancelled().message, showInfo),
    noneRuns: () => void offerStart('No local agent runs.', showInfo),
    stopped: () =>
      void showInfo(
        'The local agent was stopped. Its settings and its connection to Microsoft 365 are kept for the next start.',
      ),
    gaveUp: (error) => void offerStart(inWords(problemOf(error)), showError),
    startFailed: (error) => void startFailed(error),
    failed: (error) => void showError(inWords(problemOf(error))),
    isTold: (error) => void told.add(error),
  };
}

/** What happened and what to do, as two sentences. */
function inWords({ message, action }: Problem): string {
  return [/[.!?…]$/.test(message) ? message : `${message}.`, action].filter(Boolean).join(' ');
}

async function offerConnect(words: string): Promise<void> {
  const connect = 'Connect M365';
  if ((await showInfo(words, connect)) === connect) await commands.executeCommand(commandIds.connectM365);
}

async function offerStart(words: string, show: typeof showInfo): Promise<void> {
  const label = 'Start Local Agent';
  if ((await show(words, label)) === label) await commands.executeCommand(commandIds.startLocalAgent);
}
