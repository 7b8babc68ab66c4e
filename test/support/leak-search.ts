// Looks for secrets in texts: whole or in fragments, as they are or encoded; it knows nothing of where the texts come from.

export interface KnownSecret {
  kind: string;
  value: string;
}

export interface Place {
  name: string;
  text: string;
}

export interface Leak {
  place: string;
  kind: string;
  form: string;
  /** Where in the text, so that the report need not repeat the secret. */
  at: number;
}

/** Length of the fragments; anything longer that stands in a text contains one. */
export const fragmentLength = 24;

/** How a secret may have been written. `step`: distance between the fragments looked for. */
const forms: readonly { name: string; step: number; write: (secret: string) => readonly string[] }[] = [
  { name: 'raw', step: 1, write: (secret) => [secret] },
  { name: 'reversed', step: 4, write: (secret) => [Array.from(secret).reverse().join('')] },
  { name: 'URL-encoded', step: 4, write: (secret) => [encodeURIComponent(secret)] },
  { name: 'base64', step: 4, write: (secret) => base64Forms(secret).map((text) => text) },
  {
    name: 'base64url',
    step: 4,
    write: (secret) => base64Forms(secret).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  },
  {
    name: 'hex',
    step: 4,
    write: (secret) => [Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('hex').toUpperCase()],
  },
];

/** The first leak of each secret in each form and place. */
export function findLeaks(secrets: readonly KnownSecret[], places: readonly Place[]): Leak[] {
  const fragments = new Map<string, { secret: number; form: string }>();
  for (const [index, { value }] of secrets.entries()) {
    for (const { name, step, write } of forms) {
      for (const text of write(value)) addFragments(fragments, text, step, { secret: index, form: name });
    }
  }
  const leaks: Leak[] = [];
  for (const { name, text } of places) {
    const told = new Set<string>();
    for (let at = 0; at + fragmentLength <= text.length; at++) {
      const found = fragments.get(text.slice(at, at + fragmentLength));
      if (found === undefined || told.has(`${found.secret} ${found.form}`)) continue;
      told.add(`${found.secret} ${found.form}`);
      leaks.push({ place: name, kind: secrets[found.secret]?.kind ?? '', form: found.form, at });
    }
  }
  return leaks;
}

function addFragments(
  fragments: Map<string, { secret: number; form: string }>,
  text: string,
  step: number,
  owner: { secret: number; form: string },
): void {
  for (let at = 0; at + fragmentLength <= text.length; at += step) {
    const fragment = text.slice(at, at + fragmentLength);
    if (!fragments.has(fragment)) fragments.set(fragment, owner);
  }
}

/** As part of a longer text the secret may begin at any of three places of a base64 group. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString('base64');
    // The first and the last group also hold what stands beside the secret.
    return encoded.slice(shift === 0 ? 0 : 4, -4);
  });
}
