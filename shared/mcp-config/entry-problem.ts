// What makes an entry of mcp.json unusable, with its place: the agent says it in a sentence, the editor underlines it.
import type { CredentialFinding } from './credential-rules.ts';

/** Stable: they are the codes of the editor's diagnostics, without the prefix `mcp/`. */
export type EntryProblemCode =
  | 'wrong-kind'
  | 'unknown-type'
  | 'missing-address'
  | 'out-of-range'
  | 'unknown-key'
  | 'server-name'
  | 'enabled-contradiction'
  | 'guards'
  | 'secret'
  | 'foreign-variable'
  | 'header'
  | 'auth-on-stdio'
  | 'unknown-profile'
  | 'authorization-beside-auth';

export interface EntryProblem {
  code: EntryProblemCode;
  /** Within the entry; empty for the entry as a whole. */
  path: (string | number)[];
  /** What is wrong is the name of the member rather than its value. */
  isKey?: boolean;
  /** Offsets in the text at the path. */
  span?: { start: number; end: number };
  /** What the agent says; the place is in it. */
  sentence: string;
  /** Something that was meant to restrict the server cannot be read. */
  restricts: boolean;
  /** The key, profile or variable that was most likely meant. */
  meant?: string;
  credential?: CredentialFinding;
}
