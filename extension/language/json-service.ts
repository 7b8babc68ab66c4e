// The JSON language service with the schema of mcp.json; it reads no other schema, whatever a document says, and validates nothing.
import { getLanguageService, type CompletionItem, type Hover, type JSONDocument } from 'vscode-json-languageservice';
import type { Position } from 'vscode-languageserver';
import type { McpDocument } from './mcp-document.ts';
import { mcpJsonSchema } from './mcp-json-schema.ts';

const service = getLanguageService({
  clientCapabilities: { textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } } } },
  // `$schema` of a document names one that is not fetched: there is one schema here.
  schemaRequestService: () => Promise.resolve(JSON.stringify(mcpJsonSchema)),
});
service.configure({
  validate: false,
  allowComments: true,
  schemas: [{ uri: 'rockbot-schema:/mcp.json', fileMatch: ['*'], schema: mcpJsonSchema }],
});

/** Each document is one version of a file, so that it is parsed once. */
const parsed = new WeakMap<McpDocument, JSONDocument>();

function jsonDocument(document: McpDocument): JSONDocument {
  const known = parsed.get(document);
  if (known !== undefined) return known;
  const json = service.parseJSONDocument(document.text);
  parsed.set(document, json);
  return json;
}

export async function schemaCompletion(document: McpDocument, position: Position): Promise<CompletionItem[]> {
  const list = await service.doComplete(document.text, position, jsonDocument(document));
  return list?.items ?? [];
}

export async function schemaHover(document: McpDocument, position: Position): Promise<Hover | null> {
  const shown = await service.doHover(document.text, position, jsonDocument(document));
  return shown === null || (Array.isArray(shown.contents) && shown.contents.length === 0) ? null : shown;
}
