// Completion of the names of environment variables inside `${`; pure.
import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';
import { isBoundedOverBus } from './bounded-editing.ts';
import type { PlacedRequest } from './completion.ts';
import { rangeOf } from './mcp-place.ts';
import { expandedKeys, variableState, variableUses, type VariableState } from './variables.ts';

const longestName = 100;

/** Undefined where no variable is being written. */
export function variableCompletion({
  document,
  context,
  place,
  server,
  offset,
}: PlacedRequest): CompletionItem[] | undefined {
  const { string } = place;
  if (string === undefined || !expandedKeys.includes(String(server.path[0]))) return undefined;
  const text = document.text.getText();
  const before = text.slice(Math.max(string.from + 1, offset - longestName), offset);
  const begun = /\$\{(\w*)$/.exec(before)?.[1];
  if (begun === undefined) return undefined;
  const rest = /^\w*\}?/.exec(text.slice(offset, Math.min(string.to, offset + longestName)))?.[0] ?? '';
  const range = rangeOf(document, offset - begun.length, offset + rest.length);
  return candidates({ document, context, except: { from: offset - begun.length - 2 } }).map((name) => ({
    label: name,
    kind: CompletionItemKind.Variable,
    detail: detailOf(variableState(context, name)),
    filterText: name,
    sortText: `${name === tenantVariable ? 1 : 2}${name}`,
    textEdit: { range, newText: `${name}}` },
  }));
}

/** The agent's, and those that the file has elsewhere; only those that would be taken when they are saved. */
function candidates({
  document,
  context,
  except,
}: Pick<PlacedRequest, 'document' | 'context'> & { except: { from: number } }): string[] {
  if (isBoundedOverBus(document, context)) return [tenantVariable];
  const used = variableUses(document).filter(({ from }) => from !== except.from);
  return [...new Set([tenantVariable, ...(context.agent?.environment ?? []), ...used.map(({ name }) => name)])];
}

function detailOf(state: VariableState): string {
  switch (state.kind) {
    case 'tenant':
      return state.tenantId === undefined ? "the agent's tenant" : `the agent's tenant: ${state.tenantId}`;
    case 'set':
      return 'set on the agent';
    case 'missing':
      return 'used in this file, not set on the agent';
    case 'unknown':
      return 'used in this file';
  }
}
