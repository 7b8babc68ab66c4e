// The language server over a connection: it wires the features, which are pure, to the protocol. Nothing that a person types is logged.
import {
  CodeActionKind,
  ResponseError,
  TextDocumentSyncKind,
  LSPErrorCodes,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type InitializeResult,
  type TextDocumentIdentifier,
} from 'vscode-languageserver';
import { codeLenses } from './code-lenses.ts';
import { completion, completionTriggers } from './completion.ts';
import { DebouncedByUri } from './debounced-by-uri.ts';
import { diagnose } from './diagnostics.ts';
import { documentLinks } from './document-links.ts';
import { folding } from './folding.ts';
import { formatting } from './formatting.ts';
import { hover } from './hover.ts';
import { inlayHints } from './inlay-hints.ts';
import { languageContextSchema, type LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';
import { OpenDocuments } from './open-documents.ts';
import { outline } from './outline.ts';
import { quickFixes } from './quick-fixes.ts';
import { prepareRename, rename } from './rename.ts';
import { contextNotification, guideAt, serverOptionsSchema, type ServerOptions } from './server-options.ts';

/** Milliseconds without a change before a file is checked. */
const quietMs = 200;

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  completionProvider: { triggerCharacters: [...completionTriggers] },
  hoverProvider: true,
  codeLensProvider: {},
  inlayHintProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  documentLinkProvider: {},
  renameProvider: { prepareProvider: true },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
};

export function serve(connection: Connection): void {
  let context: LanguageContext = {};
  let options: ServerOptions = {};
  let client: ClientCapabilities = {};
  const checks = new DebouncedByUri((uri) => check(uri));
  const documents = new OpenDocuments(connection, {
    onChanged: (uri, { isFirst }) => checks.schedule(uri, { delayMs: isFirst ? 0 : quietMs }),
    onClosed: (uri) => {
      checks.cancel(uri);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
    },
  });

  function check(uri: string): void {
    const document = documents.get(uri);
    if (document === undefined) return;
    const linkTo = (heading: string): string | undefined => guideAt(options, heading);
    const diagnostics = safely('diagnostics', () => diagnose(document, context, { linkTo })) ?? [];
    void connection.sendDiagnostics({ uri, version: document.text.version, diagnostics });
  }

  function safely<Result>(feature: string, work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      failed(feature, error);
      return undefined;
    }
  }

  function failed(feature: string, error: unknown): void {
    // The message of an error may hold text of the file.
    const place = error instanceof Error ? /\n\s+at (.+)/.exec(error.stack ?? '')?.[1] : undefined;
    connection.console.error(`${feature} failed: ${error instanceof Error ? error.name : 'unknown'} ${place ?? ''}`);
  }

  /** The handler of one feature: of an open file as it is now, an error answers with nothing. */
  function answering<Params extends { textDocument: TextDocumentIdentifier }, Result>(
    feature: string,
    answer: (document: McpDocument, params: Params) => Result | Promise<Result>,
  ) {
    return async (params: Params, token: CancellationToken): Promise<Result | null> => {
      const document = documents.get(params.textDocument.uri);
      if (document === undefined || token.isCancellationRequested) return null;
      try {
        return await answer(document, params);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        failed(feature, error);
        return null;
      }
    };
  }

  connection.onInitialize(({ capabilities: given, initializationOptions }): InitializeResult => {
    client = given;
    options = serverOptionsSchema.safeParse(initializationOptions).data ?? {};
    return { capabilities, serverInfo: { name: 'rockbot-mcp-json' } };
  });

  connection.onNotification(contextNotification, (params: unknown) => {
    const told = languageContextSchema.safeParse(params);
    if (!told.success) {
      connection.console.warn('What was told of the agent cannot be read; it is left out.');
      return;
    }
    context = told.data;
    for (const uri of documents.uris) checks.schedule(uri, { delayMs: 0 });
    if (client.workspace?.codeLens?.refreshSupport) refresh('workspace/codeLens/refresh');
    if (client.workspace?.inlayHint?.refreshSupport) refresh('workspace/inlayHint/refresh');
  });

  function refresh(method: string): void {
    // A client that is going away does not answer.
    connection.sendRequest(method).catch(() => undefined);
  }

  connection.onCompletion(
    answering('completion', (document, { position, context: why }) =>
      completion(document, context, { position, trigger: why?.triggerCharacter }),
    ),
  );
  connection.onHover(answering('hover', (document, { position }) => hover(document, context, { position })));
  connection.onCodeLens(answering('lenses', (document) => codeLenses(document, context)));
  connection.languages.inlayHint.on(
    answering('hints', (document, { range }) => inlayHints(document, context, { range })),
  );
  connection.onDocumentSymbol(answering('outline', (document) => outline(document)));
  connection.onFoldingRanges(answering('folding', (document) => folding(document)));
  connection.onDocumentFormatting(
    answering('formatting', (document, params) => formatting(document, { options: params.options })),
  );
  connection.onDocumentRangeFormatting(
    answering('formatting', (document, params) =>
      formatting(document, { options: params.options, range: params.range }),
    ),
  );
  connection.onDocumentLinks(
    answering('links', (document) => {
      const target = guideAt(options, 'variables');
      return target === undefined ? [] : documentLinks(document, { target });
    }),
  );
  connection.onPrepareRename(
    answering('rename', (document, { position }) => prepareRename(document, { position }) ?? null),
  );
  connection.onRenameRequest(
    answering('rename', (document, { position, newName, textDocument }) => {
      const renamed = rename(document, { position, newName });
      if (!renamed.ok) throw new ResponseError(LSPErrorCodes.RequestFailed, renamed.problem);
      return { changes: { [textDocument.uri]: renamed.edits } };
    }),
  );
  connection.onCodeAction(
    answering('fixes', (document, { range, context: { diagnostics } }) =>
      quickFixes(document, context, { diagnostics, range }),
    ),
  );
  connection.listen();
}
