// Which findings follow from a syntax error, and would only bury it: what stands behind it, and what the entry it is in seems to lack.
import type { McpDocument, ServerNode } from '../mcp-document.ts';
import type { Finding } from './finding.ts';
import { breakOffset } from './syntax.ts';

/** A credential is one however broken the text is. */
const always: ReadonlySet<string> = new Set(['mcp/syntax', 'mcp/secret']);

export function withoutFollowOns(document: McpDocument, findings: readonly Finding[]): readonly Finding[] {
  const at = breakOffset(document);
  if (at === undefined) return findings;
  const { text } = document;
  const lineStart = text.offsetAt({ line: text.positionAt(at).line, character: 0 });
  const open = openServer(document, at);
  const follows = ({ code, from, to }: Finding): boolean => {
    if (always.has(code)) return false;
    // Those of the file as a whole stand at its beginning.
    return to > lineStart || code === 'mcp/no-servers' || (open !== undefined && from >= open.property.offset);
  };
  return findings.filter((finding) => !follows(finding));
}

/** The entry that the text breaks in, or right behind. */
function openServer({ text, servers }: McpDocument, at: number): ServerNode | undefined {
  const server = servers.findLast(({ property }) => property.offset <= at);
  if (server === undefined) return undefined;
  const { offset, length } = server.property;
  return /^[\s,]*$/.test(text.getText().slice(offset + length, at)) ? server : undefined;
}
