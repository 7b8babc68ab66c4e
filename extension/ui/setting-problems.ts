// Tells what is wrong with the settings: each problem once while it lasts. That of the connection is the state's to show.
import { commands } from 'vscode';
import { commandIds } from '../contributions.ts';
import type { Settings } from '../settings.ts';
import type { Log } from './log.ts';
import { showWarning } from './messages.ts';

export function createSettingProblems(
  log: Pick<Log, 'warn'>,
): (settings: Pick<Settings, 'problems' | 'connectionProblem'>) => void {
  let told: readonly string[] = [];
  return ({ problems, connectionProblem }) => {
    const fresh = problems.filter((problem) => !told.includes(problem));
    told = problems;
    for (const problem of fresh) {
      log.warn(problem);
      if (problem !== connectionProblem) void show(problem);
    }
  };
}

async function show(problem: string): Promise<void> {
  const open = 'Open Settings';
  if ((await showWarning(problem, open)) === open) await commands.executeCommand(commandIds.openSettings);
}
