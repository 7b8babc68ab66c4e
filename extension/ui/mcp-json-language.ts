// Gives files that are an mcp.json of an agent their language, and starts its server when the first is opened; until then it is idle.
import { commands, languages, Uri, workspace, type Disposable, type ExtensionContext, type TextDocument } from 'vscode';
import type { ConnectionState } from '../connection/connection-state.ts';
import { commandIds, mcpJsonLanguage, settingIds } from '../contributions.ts';
import { contextOfState, type FileFacts } from '../language/context-of-state.ts';
import type { Logger } from '../logger.ts';
import { loadedPart, PartNotLoaded } from '../loaded-part.ts';
import { agentScheme } from '../mcp-file/agent-file-path.ts';
import { runServerTool } from './run-server-tool.ts';
import { tellNotLoaded } from './tell-not-loaded.ts';
import type { McpJsonClient } from './language-client.ts';

export interface McpJsonLanguageOptions {
  context: Pick<ExtensionContext, 'extensionUri'>;
  /** Path of the local agent's mcp.json. */
  localFile: () => string | undefined;
  log: Logger;
}

export interface McpJsonLanguage extends Disposable {
  /** To be told of every state of the connection, and of what else the agent tells of its mcp.json; null for another agent. */
  follow(state: ConnectionState, facts?: FileFacts | null): void;
}

/** Milliseconds to gather changes of the state. */
const gatherMs = 150;

export function createMcpJsonLanguage({ context, localFile, log }: McpJsonLanguageOptions): McpJsonLanguage {
  const adopted = new Set<string>();
  let starting: Promise<void> | undefined;
  let client: McpJsonClient | undefined;
  let isDisposed = false;
  let state: ConnectionState | undefined;
  let facts: FileFacts | undefined;
  let known = '';
  let telling: NodeJS.Timeout | undefined;
  let localKnown: string | undefined;

  function isMcpJson(document: TextDocument): boolean {
    const { scheme, path, fsPath } = document.uri;
    if (scheme === agentScheme) return path.endsWith('/mcp.json');
    if (scheme === 'file' && fsPath === localFile()) return true;
    const patterns = workspace.getConfiguration(undefined, document).get(settingIds.mcpJsonFiles);
    return (
      // Not the older versions of a file that a diff shows.
      workspace.fs.isWritableFileSystem(scheme) === true &&
      Array.isArray(patterns) &&
      patterns.some((pattern) => typeof pattern === 'string' && languages.match({ pattern }, document) > 0)
    );
  }

  async function adopt(document: TextDocument): Promise<void> {
    if (document.isClosed) return;
    if (document.languageId === mcpJsonLanguage) await (starting ??= start());
    // Somebody who then chooses another language has their way.
    else if (!adopted.has(document.uri.toString()) && isMcpJson(document)) {
      adopted.add(document.uri.toString());
      // It comes back as opened.
      await languages.setTextDocumentLanguage(document, mcpJsonLanguage);
    }
  }

  /** A change of the language looks like closing and opening; the file is still there then. */
  function forgetClosed(): void {
    const open = new Set(workspace.textDocuments.map(({ uri }) => uri.toString()));
    for (const uri of adopted) if (!open.has(uri)) adopted.delete(uri);
  }

  function adoptAll(): void {
    for (const document of workspace.textDocuments) adoptSafely(document);
  }

  function adoptSafely(document: TextDocument): void {
    adopt(document).catch((error: unknown) => {
      log.warn('Help for mcp.json is not there.', { error: (error as Error).message });
      if (error instanceof PartNotLoaded) tellNotLoaded(error);
    });
  }

  async function start(): Promise<void> {
    try {
      const { startLanguageClient } = await loadedPart(import('./language-client.ts'));
      if (isDisposed) return;
      client = startLanguageClient({ context, log });
    } catch (error) {
      // The next file that is opened tries again.
      starting = undefined;
      throw error;
    }
    tell();
  }

  function tell(): void {
    clearTimeout(telling);
    telling = undefined;
    const next = state === undefined ? {} : contextOfState(state, facts);
    const text = JSON.stringify(next);
    if (client === undefined || text === known) return;
    known = text;
    client.tell(next);
  }

  const registrations = [
    workspace.onDidOpenTextDocument(adoptSafely),
    workspace.onDidCloseTextDocument(() => setImmediate(forgetClosed)),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(settingIds.mcpJsonFiles)) adoptAll();
    }),
    commands.registerCommand(commandIds.runServerTool, (node: unknown) => runServerTool(state?.servers ?? [], node)),
    commands.registerCommand(commandIds.openMcpJsonGuide, (fragment: unknown) =>
      commands.executeCommand(
        'markdown.showPreview',
        Uri.joinPath(context.extensionUri, 'docs', 'mcp-json.md').with({
          fragment: typeof fragment === 'string' ? fragment : '',
        }),
      ),
    ),
  ];
  adoptAll();

  return {
    follow(next, told) {
      state = next;
      if (told !== undefined) facts = told ?? undefined;
      if (localFile() !== localKnown) {
        localKnown = localFile();
        adoptAll();
      }
      if (client !== undefined) telling ??= setTimeout(tell, gatherMs);
    },
    dispose() {
      clearTimeout(telling);
      for (const registration of registrations) registration.dispose();
      isDisposed = true;
      client?.dispose();
    },
  };
}
