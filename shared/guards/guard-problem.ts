// What is wrong with guards, and where: who reports it joins place and words, who repairs it never has to read the words.
import { placeText } from '../place-text.ts';

export interface GuardProblem {
  /** Keys and indexes within the guards; empty for them as a whole. */
  path: readonly (string | number)[];
  /** The name of the member is wrong rather than its value. */
  isKey?: true;
  /** A clause that names what is written there, and what to write instead; without the place and without a full stop. */
  text: string;
  /** What was most likely meant: a whole rule, a preset, or the name of a key. It can be read in its place. */
  meant?: string;
}

/** With the place, for where nothing shows it: `deny[0] is empty: …`. */
export function guardProblemText({ path, isKey, text }: GuardProblem): string {
  const place = isKey === true ? '' : placeText(path);
  return place === '' ? text : `${place} ${text}`;
}
