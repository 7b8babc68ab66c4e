// The credentials of a bus user and what follows from them: public nkey and inbox prefix. It opens no connection.
import { fromSeed, type KeyPair } from '@nats-io/nkeys';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { Secret } from '../../shared/secret.ts';

export type BusCredentials =
  | { kind: 'nkey'; seed: Secret; publicKey: string }
  /** A NATS credentials file: a user JWT and the seed of its nkey. */
  | { kind: 'creds'; text: Secret; seed: Secret; publicKey: string };

/** @throws RockBotError `invalid_request` when `text` holds no user seed */
export function nkeyCredentials(text: string): BusCredentials {
  const seed = findSeed(text);
  if (seed === undefined) {
    throw new RockBotError({
      code: 'invalid_request',
      message: 'The nkey file holds no user seed.',
      action: 'Use a file with the one line "SU…" that "nk -gen user" makes.',
    });
  }
  return { kind: 'nkey', seed, publicKey: keyPairOf(seed).getPublicKey() };
}

/** @throws RockBotError `invalid_request` when `text` is no credentials file */
export function fileCredentials(text: string): BusCredentials {
  const seed = findSeed(text);
  if (seed === undefined || !/-----BEGIN NATS USER JWT-----/.test(text)) {
    throw new RockBotError({
      code: 'invalid_request',
      message: 'The credentials file holds no user JWT with its seed.',
      action: 'Use a file as "nsc generate creds" makes it.',
    });
  }
  return { kind: 'creds', text: new Secret(text), seed, publicKey: keyPairOf(seed).getPublicKey() };
}

export function keyPairOf(seed: Secret): KeyPair {
  return fromSeed(new TextEncoder().encode(seed.reveal()));
}

/** The first user seed in `text` that has a right checksum. */
function findSeed(text: string): Secret | undefined {
  for (const [candidate] of text.matchAll(/\bSU[A-Z2-7]{56}\b/g)) {
    try {
      keyPairOf(new Secret(candidate));
      return new Secret(candidate);
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * Where answers to this user go. With an nkey the bus can keep everybody else from reading them; without one it cannot,
 * and a random prefix at least keeps them apart.
 */
export function inboxPrefix(publicKey: string | undefined): string {
  return `_INBOX_${publicKey ?? crypto.randomUUID().replaceAll('-', '')}`;
}
