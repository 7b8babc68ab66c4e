// Shows beside `${WORKIQ_TENANT_ID}` what it stands for; no other variable is ever expanded, since it may be secret.
import type { InlayHint, Range } from 'vscode-languageserver';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';
import type { LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';
import { variableUses } from './variables.ts';

/** Within the range, when one is given. */
export function inlayHints(
  document: McpDocument,
  { agent }: LanguageContext,
  { range }: { range?: Range | undefined } = {},
): InlayHint[] {
  const tenantId = agent?.tenantId;
  if (tenantId === undefined) return [];
  const [from, to] =
    range === undefined ? [0, Infinity] : [document.text.offsetAt(range.start), document.text.offsetAt(range.end)];
  return variableUses(document)
    .filter((use) => use.name === tenantVariable && use.from >= from && use.to <= to)
    .map((use) => ({
      position: document.text.positionAt(use.to),
      label: `= ${tenantId}`,
      paddingLeft: true,
      paddingRight: true,
      tooltip: "The tenant of the agent's profile workiq",
    }));
}
