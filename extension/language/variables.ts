// The `${NAME}` of an mcp.json: where they expand, and what is known of what they stand for; never a value but the tenant's id.
import type { Node } from 'jsonc-parser';
import { variablePattern } from '../../shared/mcp-config/expand-variables.ts';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';
import type { LanguageContext } from './language-context.ts';
import { memberOf, membersOf, type McpDocument } from './mcp-document.ts';

export interface VariableUse {
  name: string;
  /** Offsets of the whole `${NAME}`. */
  from: number;
  to: number;
}

/** Keys of an entry in whose texts variables expand. */
export const expandedKeys: readonly string[] = ['url', 'headers', 'args', 'env'];

const longestText = 20_000;

/** In the order of each server's keys. */
export function variableUses(document: McpDocument): VariableUse[] {
  return document.servers.flatMap(({ value }) =>
    expandedKeys.flatMap((key) => textsIn(memberOf(value, key))).flatMap((node) => usesIn(document, node)),
  );
}

function textsIn(node: Node | undefined): Node[] {
  if (node === undefined) return [];
  if (node.type === 'array') return (node.children ?? []).filter(({ type }) => type === 'string');
  if (node.type === 'object') return membersOf(node).flatMap(({ value }) => (value?.type === 'string' ? [value] : []));
  return node.type === 'string' ? [node] : [];
}

/** Names are letters, so that they stand in the text as they are, whatever is escaped around them. */
function usesIn({ text }: McpDocument, { offset, length }: Node): VariableUse[] {
  const raw = text.getText().slice(offset, offset + Math.min(length, longestText));
  return Array.from(raw.matchAll(variablePattern), ({ 0: whole, 1: name = '', index }) => ({
    name,
    from: offset + index,
    to: offset + index + whole.length,
  }));
}

export type VariableState = { kind: 'tenant'; tenantId: string | undefined } | { kind: 'set' | 'missing' | 'unknown' };

export function variableState({ agent }: LanguageContext, name: string): VariableState {
  if (name === tenantVariable) return { kind: 'tenant', tenantId: agent?.tenantId };
  if (agent?.environment === undefined) return { kind: 'unknown' };
  return { kind: agent.environment.includes(name) ? 'set' : 'missing' };
}
