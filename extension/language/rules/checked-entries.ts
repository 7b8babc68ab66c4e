// Entries as the agent would judge them, kept from one version of a file to the next: between keystrokes most are the same.
import { getNodeValue } from 'jsonc-parser';
import { isRecord } from '../../../shared/is-record.ts';
import { checkEntry } from '../../../shared/mcp-config/check-entry.ts';
import { findCredentials, type CredentialFinding } from '../../../shared/mcp-config/credential-rules.ts';
import type { EntryProblem } from '../../../shared/mcp-config/entry-problem.ts';
import type { ServerEntry } from '../../../shared/mcp-config/server-entry.ts';
import type { McpDocument, ServerNode } from '../mcp-document.ts';

export interface CheckedServer {
  /** The value as it is written; an empty object while it is none. */
  raw: Readonly<Record<string, unknown>>;
  /** Undefined while the entry has not the form of one. */
  entry: ServerEntry | undefined;
  problems: readonly EntryProblem[];
  /** A mistake elsewhere in the entry hides none. */
  credentials: readonly CredentialFinding[];
}

/** Of the last version of each open file; nothing of a file outlives it. */
const kept = new WeakMap<McpDocument['file'], ReadonlyMap<string, CheckedServer>>();

/** In the order of the file. `profiles` undefined: not known. */
export function checkedEntries(
  { file, text, servers }: McpDocument,
  profiles: readonly string[] | undefined,
): CheckedServer[] {
  const all = text.getText();
  const last = kept.get(file);
  const now = new Map<string, CheckedServer>();
  const known = JSON.stringify(profiles);
  const checked = servers.map((server) => {
    const { offset, length } = server.property;
    const key = `${known}${all.slice(offset, offset + length)}`;
    const one = last?.get(key) ?? check(server, profiles);
    now.set(key, one);
    return one;
  });
  kept.set(file, now);
  return checked;
}

function check({ name, value: node }: ServerNode, profiles: readonly string[] | undefined): CheckedServer {
  const value: unknown = node === undefined ? undefined : getNodeValue(node);
  const { entry, problems, credentials } = checkEntry(name, value, profiles);
  const raw = isRecord(value) ? value : {};
  return { raw, entry, problems, credentials: entry === undefined ? findCredentials(raw, name) : credentials };
}
