// Finds unknown keys of an mcp.json entry that were most likely meant to restrict it or to bind it to a credential: left out
// silently they would fail open. Keys of other clients that mean nothing here stay ignored.
import { editDistance } from '../edit-distance.ts';
import type { EntryProblem } from './entry-problem.ts';
import { entryKeys } from './server-entry.ts';

/** What an unknown key was most likely meant to be; the first that fits. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/guard/, 'guards'],
  [/den(?:y|ied)|block|exclud|forbid|disabled?tool/, 'deniedTools'],
  [/allow|permit|permission|includ.*tool|tool|filter|restrict|read_?-?only|sandbox/, 'allowedTools'],
  [/disable/, 'disabled'],
  [/enable/, 'enabled'],
  [/auth(?!or(?!i))/, 'auth'],
];

/** Other clients' keys that fit a pattern above but neither restrict a server nor bind a credential. */
const othersKeys: ReadonlySet<string> = new Set(['alwaysallow', 'autoapprove', 'autoapprovetools', 'tooltip']);

export function* findMeantKeys(entry: Readonly<Record<string, unknown>>): Generator<EntryProblem> {
  for (const key of Object.keys(entry)) {
    if (entryKeys.has(key)) continue;
    const meant = meantKey(key);
    if (meant === undefined) continue;
    const text = `"${key.slice(0, 40)}" is no key of an entry: did you mean "${meant}"?`;
    yield { code: 'unknown-key', path: [key], isKey: true, text, restricts: true, meant };
  }
}

function meantKey(key: string): string | undefined {
  const lower = key.toLowerCase();
  if (othersKeys.has(lower)) return undefined;
  return misspelt(lower) ?? meanings.find(([pattern]) => pattern.test(lower))?.[1];
}

/** The closest known key within two typing mistakes; within one for the short ones, which are close to many words. */
function misspelt(lower: string): string | undefined {
  // Far longer than any known key.
  if (lower.length > 20) return undefined;
  const [closest] = [...entryKeys]
    .map((known) => ({ known, distance: editDistance(lower, known.toLowerCase()) }))
    .filter(({ known, distance }) => distance <= (known.length <= 4 ? 1 : 2))
    .sort((left, right) => left.distance - right.distance);
  return closest?.known;
}
