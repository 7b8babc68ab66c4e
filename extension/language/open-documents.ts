// The mcp.json files that an editor has open, each parsed once per version; it computes nothing of them.
import { TextDocuments, type Connection } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseMcpDocument, type McpDocument } from './mcp-document.ts';

export interface OpenDocumentsEvents {
  /** Opened or changed. */
  onChanged(uri: string, change: { isFirst: boolean }): void;
  onClosed(uri: string): void;
}

export class OpenDocuments {
  readonly #texts = new TextDocuments(TextDocument);
  readonly #parsed = new Map<string, McpDocument>();

  constructor(connection: Connection, { onChanged, onClosed }: OpenDocumentsEvents) {
    this.#texts.onDidChangeContent(({ document: { uri } }) => {
      const isFirst = !this.#parsed.has(uri);
      this.get(uri);
      onChanged(uri, { isFirst });
    });
    this.#texts.onDidClose(({ document: { uri } }) => {
      this.#parsed.delete(uri);
      onClosed(uri);
    });
    this.#texts.listen(connection);
  }

  get uris(): string[] {
    return this.#texts.keys();
  }

  /** As it is now; undefined for a file that is not open. */
  get(uri: string): McpDocument | undefined {
    const current = this.#texts.get(uri);
    if (current === undefined) return undefined;
    const known = this.#parsed.get(uri);
    if (known?.text.version === current.version) return known;
    const parsed = parseMcpDocument({
      uri,
      version: current.version,
      text: current.getText(),
      ...(known !== undefined && { file: known.file }),
    });
    this.#parsed.set(uri, parsed);
    return parsed;
  }
}
