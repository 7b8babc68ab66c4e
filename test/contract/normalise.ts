// Takes out of a recorded message what differs from run to run, so that the rest can be held against a literal.

const replacements: readonly (readonly [RegExp, string])[] = [
  [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, '<uuid>'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/, '<time>'],
  [/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, '<traceparent>'],
  [/^U[A-Z2-7]{55}$/, '<nkey>'],
  [/^[A-Za-z0-9_-]{43}$/, '<32 bytes>'],
];

const inText: readonly (readonly [RegExp, string])[] = [
  [/https?:\/\/(?:localhost|127\.0\.0\.1):\d+/g, '<origin>'],
  [/\bU[A-Z2-7]{55}\b/g, '<nkey>'],
  [/(?:\/[\w.-]+)+\/secrets\//g, '<volume>/secrets/'],
  [/\b\d{7}\b/g, '<bytes>'],
];

/** Known people and ids of the simulators stay as they are. */
const fixed = new Set([
  '0c6bc4a2-337b-4672-9bcd-6aa53af1b02a',
  '00000000-0000-4000-8000-00000000aaaa',
  '11111111-2222-4333-8444-555555555555',
]);

export function normalise(value: unknown): unknown {
  if (typeof value === 'string') return normaliseText(value);
  if (Array.isArray(value)) return value.map(normalise);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === 'durationMs' ? '<ms>' : normalise(item)]),
  );
}

function normaliseText(text: string): string {
  if (fixed.has(text)) return text;
  for (const [pattern, replacement] of replacements) if (pattern.test(text)) return replacement;
  return inText.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
