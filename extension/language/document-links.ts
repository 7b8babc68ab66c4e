// Makes each `${NAME}` of an mcp.json lead to the page that says where variables come from; pure.
import type { DocumentLink } from 'vscode-languageserver';
import type { McpDocument } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';
import { variableUses } from './variables.ts';

const mostLinks = 2_000;

/** `target`: the address of that page. */
export function documentLinks(document: McpDocument, { target }: { target: string }): DocumentLink[] {
  return variableUses(document)
    .slice(0, mostLinks)
    .map(({ from, to }) => ({
      range: rangeOf(document, from, to),
      target,
      tooltip: 'How variables of the agent are used',
    }));
}
