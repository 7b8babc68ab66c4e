// The presets of guards by name.
import { editDistance } from '../edit-distance.ts';

export const presets = ['read-only', 'no-send', 'full'] as const;

export type Preset = (typeof presets)[number];

export function isPreset(value: unknown): value is Preset {
  return presets.some((preset) => preset === value);
}

/** The one that a text which is none was most likely meant to be. */
export function meantPreset(text: string): Preset | undefined {
  const [closest] = presets
    .map((preset) => ({ preset, distance: editDistance(lettersOf(text), lettersOf(preset)) }))
    .sort((left, right) => left.distance - right.distance);
  return closest !== undefined && text.length <= 20 && closest.distance <= 3 ? closest.preset : undefined;
}

function lettersOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .slice(0, 20);
}
