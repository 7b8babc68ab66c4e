// Registers commands under their ids; what they do is handed in.
import { commands, Disposable } from 'vscode';
import { commandIds, type CommandName } from '../contributions.ts';

export function registerCommands(handlers: Partial<Record<CommandName, () => unknown>>): Disposable {
  return Disposable.from(
    ...Object.entries(handlers).map(([name, run]) =>
      // Menus hand over what they were opened on; none of these commands takes it.
      commands.registerCommand(commandIds[name as CommandName], () => run()),
    ),
  );
}
