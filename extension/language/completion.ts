// What can be written at a position of an mcp.json: from the schema, and what only this product knows; it asks nobody.
import type { CompletionItem, Position } from 'vscode-languageserver';
import { isTooDeep } from '../../shared/parse-jsonc.ts';
import { guardCompletion } from './guard-completion.ts';
import { schemaCompletion } from './json-service.ts';
import type { LanguageContext } from './language-context.ts';
import { memberOf, type McpDocument } from './mcp-document.ts';
import { remoteProperties, stdioProperties } from './mcp-json-schema.ts';
import { placeAt, type McpPlace, type ServerPlace } from './mcp-place.ts';
import { profileCompletion, serverCompletion, toolCompletion, urlCompletion } from './server-completion.ts';
import { variableCompletion } from './variable-completion.ts';

export interface CompletionRequest {
  position: Position;
  /** The character that was typed, when that is why it is asked. */
  trigger?: string | undefined;
}

/** Characters after which an editor asks by itself. */
export const completionTriggers: readonly string[] = ['"', ':', '{', '$', '/', ' '];

/** None in a comment, and none where a file is nested too deeply to be read. */
export async function completion(
  document: McpDocument,
  context: LanguageContext,
  { position, trigger }: CompletionRequest,
): Promise<CompletionItem[]> {
  // Nothing but comments, or what no parser gets through.
  if (document.root === undefined && isTooDeep(document.text.getText())) return [];
  const offset = document.text.offsetAt(position);
  const place = placeAt(document, offset);
  // These three mean something inside a text alone.
  if (place === undefined || (place.string === undefined && /^[ /{]$/.test(trigger ?? ''))) return [];
  const request = { document, context, place, offset };
  const own = place.inServer === undefined ? undefined : ownCompletion({ ...request, server: place.inServer });
  if (own !== undefined) return own;
  const items = await schemaCompletion(document, position);
  return place.isKey && place.inServer?.path.length === 1 ? items.filter(fitsEntry(place.inServer)) : items;
}

export interface PlacedRequest {
  document: McpDocument;
  context: LanguageContext;
  place: McpPlace;
  /** In the entry of a server. */
  server: ServerPlace;
  offset: number;
}

/** Undefined where the schema knows best. */
function ownCompletion(request: PlacedRequest): CompletionItem[] | undefined {
  const { place, server } = request;
  const [key, second, third] = server.path;
  if (place.isKey) return key === undefined ? serverCompletion(request) : undefined;
  const variables = variableCompletion(request);
  if (variables !== undefined) return variables;
  if (key === 'url' && second === undefined) return urlCompletion(request);
  if (key === 'auth' && second === 'profile') return profileCompletion(request);
  if ((key === 'allowedTools' || key === 'deniedTools') && typeof second === 'number') return toolCompletion(request);
  if (key === 'guards' && (second === 'allow' || second === 'deny') && typeof third === 'number')
    return guardCompletion(request, second);
  return undefined;
}

/** Keys of the other kind of server are of no use to an entry whose kind is clear. */
function fitsEntry({ entry }: ServerPlace): (item: CompletionItem) => boolean {
  const type = memberOf(entry, 'type')?.value as unknown;
  const isStdio = type === 'stdio' || (type === undefined && memberOf(entry, 'command') !== undefined);
  const isRemote = !isStdio && (typeof type === 'string' || memberOf(entry, 'url') !== undefined);
  return ({ label }) =>
    !(isStdio && label in remoteProperties) && !(isRemote && label in stdioProperties) && label !== 'disabled';
}
