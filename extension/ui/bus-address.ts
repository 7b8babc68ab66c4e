// The command "Set the Bus Address": asks for it and writes the setting where VS Code reads it; and "Open Settings", at the tab
// that has these settings.
import { commands, ConfigurationTarget, env, InputBoxValidationSeverity, window, workspace } from 'vscode';
import { busAddressProblem } from '../bus/bus-address.ts';
import { settingIds, settingsQuery } from '../contributions.ts';
import { showError, showInfo } from './messages.ts';

/** `usesLocal`: this window uses a local agent now, whose bus stands before the one of the settings. */
export function createSetBusAddress({ usesLocal }: { usesLocal: () => boolean }): () => Promise<void> {
  return async () => {
    const typed = await window.showInputBox({
      title: 'Bus Address',
      prompt:
        'WebSocket address of the NATS bus that your agent uses: wss:// where it is encrypted, ws:// on this machine.',
      placeHolder: 'wss://bus.example or ws://127.0.0.1:4223',
      value: workspace.getConfiguration().get<string>(settingIds.natsUrl) ?? '',
      ignoreFocusOut: true,
      validateInput: (text) => {
        const problem = text === '' ? undefined : busAddressProblem(text);
        if (problem === undefined) return undefined;
        const { message, isWarning } = problem;
        return { message, severity: isWarning ? InputBoxValidationSeverity.Warning : InputBoxValidationSeverity.Error };
      },
    });
    const address = typed?.trim();
    // Enter without a word is no address and takes none away.
    if (!address) return;
    try {
      // VS Code writes machine settings where the extension runs, on a remote machine as well.
      await workspace.getConfiguration().update(settingIds.natsUrl, address, ConfigurationTarget.Global);
    } catch {
      const open = 'Open Settings';
      if ((await showError('VS Code could not write the setting rockbot.nats.url.', open)) === open)
        await openSettings();
      return;
    }
    if (usesLocal()) void showInfo('The local agent is used until you stop it; then this bus.');
  };
}

/** Machine settings stand in the tab of the remote machine alone where there is one. */
export async function openSettings(): Promise<void> {
  if (env.remoteName === undefined) await commands.executeCommand('workbench.action.openSettings', settingsQuery);
  else await commands.executeCommand('workbench.action.openRemoteSettings', { query: settingsQuery });
}
