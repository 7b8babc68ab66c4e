// The envelope around MSAL's bytes: what an operator may read without opening them, and what binds them to their account.
import { createHash } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import * as z from 'zod';
import { authReasonSchema } from '../../shared/contract/auth-state.ts';

const format = 'rockbot-workiq-cache';
const version = 1;

export const cachedAccountSchema = z.object({
  /** Entra object id. */
  id: z.string(),
  username: z.string(),
  tenantId: z.string(),
  /** MSAL's keys of the account. */
  homeAccountId: z.string(),
  environment: z.string(),
});

export type CachedAccount = z.infer<typeof cachedAccountSchema>;

const connectionSchema = z.object({
  account: cachedAccountSchema,
  scopes: z.array(z.string()),
  /** Public nkey that handed the cache off; pinned while no trusted signers are configured. */
  signer: z.string(),
  connectedAt: z.string(),
  lastRefreshAt: z.string(),
  /** Which access token of MSAL's cache serves which requested scopes (MSAL files it under the granted ones). */
  accessTokens: z.record(z.string(), z.string()).default({}),
  /** Set while a new sign-in is needed. */
  expired: z
    .object({
      episodeId: z.string(),
      at: z.string(),
      reason: authReasonSchema,
      /** Stands only while the notice of the episode has yet to be sent, so that a file is usually one that older versions know. */
      announced: z.literal(false).optional(),
    })
    .optional(),
});

export type Connection = z.infer<typeof connectionSchema> & {
  /** MSAL's serialized cache; secret. */
  cache: string;
};

/** What the file holds; without a connection it only remembers the generation, so that old hand-offs stay refused. */
export interface CacheEnvelope {
  tenantId: string;
  clientId: string;
  generation: number;
  connection?: Connection | undefined;
}

const fileSchema = z.object({
  format: z.literal(format),
  version: z.literal(version),
  tenantId: z.string(),
  clientId: z.string(),
  generation: z.number().int().nonnegative(),
  savedAt: z.string(),
  connection: connectionSchema.optional(),
  /** MSAL's bytes as text, or as a compact JWE when encrypted at rest. */
  cache: z.string().optional(),
  encryptedCache: z.string().optional(),
  /** SHA-256 (hex) over all other members in canonical order. */
  digest: z.string(),
});

type CacheFile = z.infer<typeof fileSchema>;

/** The bytes are encrypted and `key` is missing or another one; the file itself is sound. */
export class CacheKeyError extends Error {}

/** Serialises; with `key` (32 bytes) MSAL's part is encrypted with A256GCM and bound to version, tenant and account. */
export async function encodeEnvelope(
  envelope: CacheEnvelope,
  options: { key?: Uint8Array | undefined; savedAt: string },
): Promise<string> {
  const { key, savedAt } = options;
  const { tenantId, clientId, generation, connection } = envelope;
  const { cache, ...details } = connection ?? {};
  const file: Omit<CacheFile, 'digest'> = {
    format,
    version,
    tenantId,
    clientId,
    generation,
    savedAt,
    ...(connection !== undefined && { connection: details as z.infer<typeof connectionSchema> }),
    ...(cache !== undefined &&
      (key === undefined ? { cache } : { encryptedCache: await encrypt(cache, key, binding(envelope)) })),
  };
  return `${JSON.stringify({ ...file, digest: digestOf(file) }, null, 2)}\n`;
}

/** Parses and checks a file's text. Throws CacheKeyError, or any other error for a damaged file. */
export async function decodeEnvelope(text: string, options: { key?: Uint8Array | undefined }): Promise<CacheEnvelope> {
  const { digest, ...file } = fileSchema.parse(JSON.parse(text));
  if (digest !== digestOf(file)) throw new Error('The digest of the cache file does not match its content.');
  const { tenantId, clientId, generation, connection } = file;
  if (connection === undefined) return { tenantId, clientId, generation };
  const cache = await openCache(file, options.key);
  return { tenantId, clientId, generation, connection: { ...connection, cache } };
}

/** Whether MSAL's part stands in a sound file's text as it is. */
export function holdsPlainCache(text: string): boolean {
  return fileSchema.parse(JSON.parse(text)).cache !== undefined;
}

async function openCache(file: Omit<CacheFile, 'digest'>, key: Uint8Array | undefined): Promise<string> {
  if (file.encryptedCache === undefined) {
    if (file.cache === undefined) throw new Error('The cache file has a connection but no cache.');
    return file.cache;
  }
  if (key === undefined) throw new CacheKeyError('The cache file is encrypted and no key is configured.');
  const { plaintext, protectedHeader } = await compactDecrypt(file.encryptedCache, key, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  }).catch((error: unknown) => {
    throw new CacheKeyError('The configured key does not open the cache file.', { cause: error });
  });
  if (protectedHeader['rb'] !== binding({ ...file, connection: file.connection })) {
    throw new Error('The encrypted part belongs to another version, tenant or account.');
  }
  return new TextDecoder().decode(plaintext);
}

async function encrypt(cache: string, key: Uint8Array, bound: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(cache))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', rb: bound })
    .encrypt(key);
}

function binding(file: {
  tenantId: string;
  clientId: string;
  connection?: { account: CachedAccount } | undefined;
}): string {
  return [version, file.tenantId, file.clientId, file.connection?.account.homeAccountId ?? ''].join('|');
}

function digestOf(file: Omit<CacheFile, 'digest'>): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(file)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
