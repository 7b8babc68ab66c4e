// The presets of guards by name.
import { editDistance } from '../edit-distance.ts';

export const presets = ['read-only', 'no-send', 'full'] as const;

export type Preset = (typeof presets)[number];

export function isPreset(value: unknown): value is Preset {
  return presets.some((preset) => preset === value);
}

/** What to write instead of a text that is no preset. */
export function presetHint(text: string): string {
  const [closest] = presets
    .map((preset) => ({ preset, distance: editDistance(lettersOf(text), lettersOf(preset)) }))
    .sort((left, right) => left.distance - right.distance);
  if (closest !== undefined && text.length <= 20 && closest.distance <= 3) return `did you mean "${closest.preset}"?`;
  return `write ${presets.map((preset) => `"${preset}"`).join(', ')}`;
}

function lettersOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .slice(0, 20);
}
