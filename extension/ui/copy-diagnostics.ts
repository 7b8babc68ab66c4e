// The command "Copy Diagnostics": gathers the facts, puts the report on the clipboard and shows it when asked to.
import { homedir } from 'node:os';
import { env, ExtensionKind, version as editorVersion, window, workspace, type ExtensionContext } from 'vscode';
import { version } from '../../shared/version.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { diagnosticsReport, type DiagnosticFacts } from '../diagnostics.ts';
import type { Settings } from '../settings.ts';
import type { LocalAgentCommands } from './local-agent.ts';
import { showInfo } from './messages.ts';

export interface CopyDiagnosticsOptions {
  context: Pick<ExtensionContext, 'extension'>;
  settings: () => Settings;
  state: () => ConnectionState;
  credentials: { read(): Promise<BusCredentials | undefined> };
  localAgent: Pick<LocalAgentCommands, 'address'>;
  log: { recentLines(): readonly string[] };
}

export function createCopyDiagnostics(options: CopyDiagnosticsOptions): () => Promise<void> {
  const { context, settings, state, credentials, localAgent, log } = options;
  return async () => {
    const report = diagnosticsReport({
      at: new Date().toISOString(),
      version,
      editor: {
        name: env.appName,
        version: editorVersion,
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        host: env.appHost,
        remote: env.remoteName,
        extensionKind: context.extension.extensionKind === ExtensionKind.UI ? 'ui' : 'workspace',
      },
      settings: settings(),
      busCredentials: await kindOf(credentials),
      localAgent: localAgentKind(localAgent.address),
      state: state(),
      logLines: log.recentLines(),
      homeFolder: homedir(),
    });
    await env.clipboard.writeText(report);
    const open = 'Open';
    const words = 'The RockBot diagnostics are on the clipboard. They hold no secrets and no content of your data.';
    if ((await showInfo(words, open)) !== open) return;
    await window.showTextDocument(await workspace.openTextDocument({ language: 'markdown', content: report }));
  };
}

function localAgentKind(address: LocalAgentCommands['address']): DiagnosticFacts['localAgent'] {
  if (address === undefined) return 'none';
  return address.isOwned ? 'owned' : 'of another window';
}

async function kindOf(credentials: CopyDiagnosticsOptions['credentials']): Promise<DiagnosticFacts['busCredentials']> {
  try {
    return (await credentials.read())?.kind ?? 'none';
  } catch {
    return 'unreadable';
  }
}
