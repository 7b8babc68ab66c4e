// Shows what the agent says of its servers in an editor that cannot be written in.
import { EventEmitter, languages, Uri, window, workspace, type Disposable } from 'vscode';
import type { ConnectionState } from '../connection/connection-state.ts';
import { serverDetails } from '../servers/server-details.ts';

export interface ServerDetails extends Disposable {
  /** Of one server, or of all. */
  show(server?: string): Promise<void>;
}

const scheme = 'rockbot-servers';

export function createServerDetails({
  state,
}: {
  state: () => Pick<ConnectionState, 'agentName' | 'servers'>;
}): ServerDetails {
  const changed = new EventEmitter<Uri>();
  const provider = workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: ({ query }) => {
      const { agentName, servers = [] } = state();
      return serverDetails(servers, { agentName, server: query === '' ? undefined : query });
    },
  });
  return {
    show: async (server) => {
      const uri = Uri.from({ scheme, path: `/${server ?? 'Servers'} (details).jsonc`, query: server ?? '' });
      // One that is open already has the state of then.
      changed.fire(uri);
      const document = await languages.setTextDocumentLanguage(await workspace.openTextDocument(uri), 'jsonc');
      await window.showTextDocument(document, { preview: true });
    },
    dispose: () => {
      provider.dispose();
      changed.dispose();
    },
  };
}
