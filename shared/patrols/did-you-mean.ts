// The closest of some names to one that is not known.
import { editDistance } from '../edit-distance.ts';

const maxLength = 40;

/** A question such as `did you mean "schedule"?`, or an empty text. */
export function didYouMean(name: string, known: readonly string[]): string {
  const lower = name.toLowerCase().slice(0, maxLength);
  const [closest] = known
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance);
  if (closest === undefined || closest.distance > Math.max(1, Math.floor(lower.length / 3))) return '';
  return `did you mean "${closest.candidate}"?`;
}
