// The extension's entry. This version offers the command line and the agent; the workbench surfaces follow.
import { commands, window, type ExtensionContext } from 'vscode';

export function activate(context: ExtensionContext): void {
  context.subscriptions.push(
    commands.registerCommand('rockbot.connectM365', async () => {
      const terminal = window.createTerminal('RockBot');
      terminal.show();
      terminal.sendText('rockbot auth workiq');
      await Promise.resolve();
    }),
  );
}
