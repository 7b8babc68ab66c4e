// The extension's entry. This version signs in through the rockbot command line in a terminal.
import { commands, window, type ExtensionContext } from 'vscode';

export function activate(context: ExtensionContext): void {
  context.subscriptions.push(
    commands.registerCommand('rockbot.connectM365', () => {
      const terminal = window.createTerminal('RockBot');
      terminal.show();
      terminal.sendText('rockbot auth workiq');
    }),
  );
}
