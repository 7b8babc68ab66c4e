// Masks every string in a value of JSON, names too. It knows no secret.

/** Deeper than anything that is read; beyond it nothing is passed on. */
const maxDepth = 100;

export function maskStrings(value: unknown, mask: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[redacted]';
  if (Array.isArray(value)) return value.map((item: unknown) => maskStrings(item, mask, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [mask(name), maskStrings(item, mask, depth + 1)]),
  );
}
