// Tells that a part of the extension cannot be loaded, with the one step that helps.
import { commands } from 'vscode';
import { problemOf } from '../connection/problem.ts';
import { showError } from './messages.ts';

export function tellNotLoaded(error: unknown): void {
  void tell(error);
}

async function tell(error: unknown): Promise<void> {
  const { message, action } = problemOf(error);
  const reload = 'Reload Window';
  if ((await showError([message, action].filter(Boolean).join(' '), reload)) === reload)
    await commands.executeCommand('workbench.action.reloadWindow');
}
