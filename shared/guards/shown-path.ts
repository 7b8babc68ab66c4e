// Parts of a call as they may stand in a message to people.
import type { NormalPath } from './normal-path.ts';

const maxLength = 100;

/** The likeliest reading of a path. */
export function shownPath({ readings: [reading = []] }: Extract<NormalPath, { clear: true }>): string {
  return shownText(`/${reading.join('/')}`);
}

/** Without invisible characters, and of bounded length. */
export function shownText(text: string): string {
  const visible = text.slice(0, 2 * maxLength).replace(/\p{C}/gu, '');
  return visible.length > maxLength ? `${visible.slice(0, maxLength - 1)}…` : visible;
}
