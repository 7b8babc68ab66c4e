// What makes an entry of mcp.json unusable, with its place: the agent says it in a sentence, the editor underlines it. Nobody has
// to read the words to know what is meant.
import { placeText } from '../place-text.ts';
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
  /** A clause without the place and without a full stop; of a value that the schema does not take, it follows its name. */
  text: string;
  /** Something that was meant to restrict the server cannot be read. */
  restricts: boolean;
  /** The key, variable, preset or rule that was most likely meant. */
  meant?: string;
  /** Of a value of another kind: what zod expects, such as `boolean`. */
  expected?: string;
  credential?: CredentialFinding;
}

/** What the agent says: the place is in it. */
export function entryProblemText({ path, isKey, text, credential }: EntryProblem): string {
  if (credential !== undefined) return credential.sentence;
  const place = placeText(isKey === true ? path.slice(0, -1) : path);
  if (place !== '') return `${place}: ${text}`;
  return isKey === true ? text : `entry: ${text}`;
}
