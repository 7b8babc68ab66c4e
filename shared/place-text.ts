// A place in a JSON value as people write it: `steps[0].when`.

/** Empty for the value as a whole; long names are cut. */
export function placeText(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part.slice(0, 60)}`))
    .join('')
    .replace(/^\./, '');
}
