// Bus credentials as one text for a secret store, and what a person types or picks for them; pure.
import * as z from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { fileCredentials, nkeyCredentials, type BusCredentials } from './bus-credentials.ts';

const storedSchema = z.object({ version: z.literal(1), kind: z.enum(['nkey', 'creds']), text: z.string() });

/** The one place where the credentials become text again: for the secret store. */
export function storedCredentials(credentials: BusCredentials): string {
  const text = (credentials.kind === 'nkey' ? credentials.seed : credentials.text).reveal();
  return JSON.stringify({ version: 1, kind: credentials.kind, text } satisfies z.input<typeof storedSchema>);
}

/** @throws RockBotError `invalid_request`; its message does not quote what is stored */
export function parseStoredCredentials(stored: string): BusCredentials {
  try {
    const { kind, text } = storedSchema.parse(JSON.parse(stored));
    return kind === 'nkey' ? nkeyCredentials(text) : fileCredentials(text);
  } catch {
    // The cause would quote the secret.
    throw new RockBotError({
      code: 'invalid_request',
      message: 'The stored bus credentials cannot be read.',
      action: 'Set them again with "RockBot: Set Bus Credentials".',
    });
  }
}

/** What is wrong with a seed while it is typed, without quoting it; undefined when it is right. */
export function seedProblem(typed: string): string | undefined {
  const seed = typed.trim();
  if (seed === '') return 'Paste the seed: one word that begins with "SU".';
  if (/^U[A-Z2-7]{55}$/.test(seed)) return 'This is the public key. The seed begins with "SU".';
  if (/^S[OANCX]/.test(seed)) return 'This seed is not a user\'s. A user seed begins with "SU".';
  if (!seed.startsWith('SU')) return 'A user seed begins with "SU".';
  if (/[^A-Z2-7]/.test(seed)) return 'A seed has only the letters A to Z and the digits 2 to 7.';
  if (seed.length !== 58) return `A seed has 58 characters; these are ${seed.length}.`;
  try {
    nkeyCredentials(seed);
    return undefined;
  } catch {
    return 'A character is wrong: the checksum of the seed does not fit.';
  }
}
