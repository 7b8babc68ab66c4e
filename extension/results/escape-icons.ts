// Text from outside in labels, in which the editor draws icons for `$(…)`.

/** `$(flame)` shows as it is written. */
export function escapeIcons(text: string): string {
  return text.replace(/\$\([a-z0-9-]+(?:~[a-z]+)?\)/gi, String.raw`\$&`);
}
