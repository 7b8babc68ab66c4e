// The servers of an mcp.json and their keys, for the outline and breadcrumbs; pure.
import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import { catalogueEntry } from './known-server.ts';
import { memberOf, membersOf, type McpDocument, type MemberNode } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';

const mostSymbols = 5_000;

/** In the order of the file; bounded. */
export function outline(document: McpDocument): DocumentSymbol[] {
  let left = mostSymbols;
  const symbolsOf = (members: readonly MemberNode[], depth: number): DocumentSymbol[] =>
    members.slice(0, Math.max(0, left)).map((member) => {
      left--;
      const isServer = depth === 1;
      const isSection = depth === 0 && (member.key.value === 'mcpServers' || member.key.value === 'servers');
      return symbol(document, member, {
        kind: isSection ? SymbolKind.Namespace : isServer ? SymbolKind.Module : SymbolKind.Property,
        detail: isServer ? serverDetail(member) : '',
        children: isSection || isServer ? symbolsOf(membersOf(member.value), depth + 1) : [],
      });
    });
  return symbolsOf(membersOf(document.root), 0);
}

function symbol(
  document: McpDocument,
  { property, key }: MemberNode,
  parts: Pick<DocumentSymbol, 'kind' | 'detail' | 'children'>,
): DocumentSymbol {
  return {
    // A symbol without a name is refused as a whole.
    name: String(key.value).trim() === '' ? '""' : String(key.value),
    ...parts,
    range: rangeOf(document, property.offset, Math.max(property.offset + property.length, key.offset + key.length)),
    selectionRange: rangeOf(document, key.offset, key.offset + key.length),
  };
}

/** The host or the program; an address may hold what is not to be shown. */
function serverDetail({ value }: MemberNode): string {
  const [url, command] = [memberOf(value, 'url')?.value, memberOf(value, 'command')?.value] as unknown[];
  if (typeof url === 'string') return catalogueEntry(url)?.title ?? hostOf(url);
  return typeof command === 'string' ? command : '';
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
