// The name that was most likely meant; it knows nothing of what the names are of.
import { editDistance } from '../../../shared/edit-distance.ts';

/** The closest within a third of the length, without regard to case; undefined when none is close. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > 60) return undefined;
  const lower = name.toLowerCase();
  const most = Math.max(1, Math.floor(name.length / 3));
  let nearest: { name: string; distance: number } | undefined;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance <= most && (nearest === undefined || distance < nearest.distance))
      nearest = { name: candidate, distance };
  }
  return nearest?.name;
}
