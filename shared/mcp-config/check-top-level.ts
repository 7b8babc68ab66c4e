// What stands beside the servers of an mcp.json and makes the whole file unusable, each with its place.
import { editDistance } from '../edit-distance.ts';
import { findInMembers, type CredentialFinding } from './credential-rules.ts';

export interface TopLevelProblem {
  code: 'secret' | 'misspelt-servers' | 'no-servers';
  /** Within the file. */
  path: (string | number)[];
  /** What the agent says. */
  sentence: string;
  credential?: CredentialFinding;
}

/** `file` is the whole file as a value. */
export function* checkTopLevel(file: Readonly<Record<string, unknown>>): Generator<TopLevelProblem> {
  const { servers, mcpServers, ...others } = file;
  for (const credential of findInMembers(others)) {
    const { path, sentence, isPlaceholder } = credential;
    if (!isPlaceholder) yield { code: 'secret', path, sentence, credential };
  }
  const keys = Object.keys(others);
  let isMisspelt = false;
  for (const key of keys.filter(isMisspeltServers)) {
    isMisspelt = true;
    yield { code: 'misspelt-servers', path: [key], sentence: `the top level has "${key}": did you mean "mcpServers"?` };
  }
  if (isMisspelt || (servers ?? mcpServers) !== undefined || keys.length === 0) return;
  const sentence =
    'the top level has neither "mcpServers" nor "servers", but other keys: did you mean to put them into "mcpServers"?';
  yield { code: 'no-servers', path: [], sentence };
}

function isMisspeltServers(key: string): boolean {
  return /^(?:mcp)?_?servers?$/i.test(key) || (key.length < 20 && editDistance(key.toLowerCase(), 'mcpservers') <= 3);
}
