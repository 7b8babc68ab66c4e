// The language server as a process of its own, and a client that speaks LSP with it over stdio; it knows no feature.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import {
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  type InitializeResult,
  type PublishDiagnosticsParams,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { contextNotification, type ServerOptions } from '../../extension/language/server-options.ts';

export interface LanguageServerProcess extends AsyncDisposable {
  connection: ProtocolConnection;
  initialized: InitializeResult;
  /** What it published, oldest first. */
  diagnostics: PublishDiagnosticsParams[];
  /** What it asked of its client, by method. */
  asked: string[];
  exited: Promise<number | null>;
  open(uri: string, text: string): Promise<void>;
  change(uri: string, version: number, changes: TextDocumentContentChangeEvent[]): Promise<void>;
  close(uri: string): Promise<void>;
  tell(context: LanguageContext): Promise<void>;
  /** In the order of the protocol; resolves with the exit code. */
  shutDown(): Promise<number | null>;
  /** As when its client is gone. */
  endInput(): void;
  stderr(): string;
}

const source = fileURLToPath(new URL('../../extension/language/server.ts', import.meta.url));

export async function startLanguageServer({
  program = source,
  options = { guide: 'guide:/{heading}' },
}: { program?: string | undefined; options?: ServerOptions } = {}): Promise<LanguageServerProcess> {
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const diagnostics: PublishDiagnosticsParams[] = [];
  const asked: string[] = [];
  connection.onNotification(PublishDiagnosticsNotification.type, (published) => void diagnostics.push(published));
  for (const method of ['workspace/codeLens/refresh', 'workspace/inlayHint/refresh'])
    connection.onRequest(method, () => {
      asked.push(method);
      return null;
    });
  connection.listen();
  const initialized = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    initializationOptions: options,
    capabilities: {
      workspace: { codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true } },
      textDocument: { synchronization: {} },
    },
  });
  await connection.sendNotification(InitializedNotification.type, {});
  const shutDown = async (): Promise<number | null> => {
    await connection.sendRequest(ShutdownRequest.type);
    await connection.sendNotification(ExitNotification.type);
    return exited;
  };
  return {
    connection,
    initialized,
    diagnostics,
    asked,
    exited,
    open: (uri, text) =>
      connection.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri, languageId: 'rockbot-mcp-json', version: 1, text },
      }),
    change: (uri, version, contentChanges) =>
      connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges,
      }),
    close: (uri) => connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } }),
    tell: (context) => connection.sendNotification(contextNotification, context),
    shutDown,
    endInput: () => void child.stdin.end(),
    stderr: () => stderr,
    [Symbol.asyncDispose]: async () => {
      connection.dispose();
      child.kill('SIGKILL');
      await exited;
    },
  };
}
