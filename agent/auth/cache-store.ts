// The cache file on the agent's volume: read once, written atomically, never overwritten silently. It knows no MSAL.
import type { Stats } from 'node:fs';
import { readFile, rename, stat, chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConfigError } from '../config/config-problems.ts';
import { writeFileAtomic } from '../files/atomic-file.ts';
import { ensurePrivateFolder, removeTemporaryFiles } from '../files/private-folder.ts';
import { readIfThere } from '../files/read-if-there.ts';
import {
  CacheKeyError,
  decodeEnvelope,
  encodeEnvelope,
  holdsPlainCache,
  type CacheEnvelope,
} from './cache-envelope.ts';

/** The file could not be used and was renamed to `path`. */
export interface SetAsideCache {
  kind: 'set_aside';
  path: string;
  why: string;
}

export interface StoredCache {
  kind: 'loaded';
  envelope: CacheEnvelope;
  /** What became of a plain file although there is a key: encrypted now, or the file system's code for why not. */
  wasPlain?: { failure?: string };
}

export type LoadedCache = { kind: 'none' } | StoredCache | SetAsideCache;

export interface CacheStoreOptions {
  path: string;
  /** 32 bytes; when given MSAL's part is encrypted at rest. */
  key?: Uint8Array | undefined;
  clock: Clock;
}

export class CacheStore {
  readonly #path: string;
  readonly #key: Uint8Array | undefined;
  readonly #clock: Clock;
  readonly #writes = new SerialQueue();

  constructor(options: CacheStoreOptions) {
    this.#path = options.path;
    this.#key = options.key;
    this.#clock = options.clock;
  }

  /** Reads the file, and encrypts a plain one when there is a key. A damaged one is set aside; throws CacheKeyError for a sound one that the key does not open, and ConfigError for a place that is not the agent's. */
  async load(): Promise<LoadedCache> {
    const folder = dirname(this.#path);
    await assertOwnPlace(this.#path);
    await ensurePrivateFolder(folder);
    await removeTemporaryFiles(folder);
    const text = await readIfThere(this.#path);
    if (text === undefined) return { kind: 'none' };
    if (((await stat(this.#path)).mode & 0o077) !== 0) await chmod(this.#path, 0o600);
    let envelope: CacheEnvelope;
    try {
      envelope = await decodeEnvelope(text, { key: this.#key });
    } catch (error) {
      if (error instanceof CacheKeyError) throw error;
      return this.setAside('The cache file is damaged.');
    }
    if (this.#key === undefined || !holdsPlainCache(text)) return { kind: 'loaded', envelope };
    const failure = await this.save(envelope).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? 'unknown',
    );
    return { kind: 'loaded', envelope, wasPlain: failure === undefined ? {} : { failure } };
  }

  /** Renames the file so that nothing overwrites it. */
  async setAside(why: string): Promise<SetAsideCache> {
    const path = `${this.#path}.unusable-${new Date(this.#clock.now()).toISOString().replaceAll(':', '-')}`;
    await rename(this.#path, path);
    return { kind: 'set_aside', path, why };
  }

  /** Replaces the file; later calls wait for earlier ones. */
  save(envelope: CacheEnvelope): Promise<void> {
    return this.#writes.run(async () => {
      const savedAt = new Date(this.#clock.now()).toISOString();
      await writeFileAtomic(this.#path, await encodeEnvelope(envelope, { key: this.#key, savedAt }));
    });
  }

  /** Reads the file again and says whether it holds exactly this cache of this generation. */
  async holds(envelope: CacheEnvelope): Promise<boolean> {
    const stored = await decodeEnvelope(await readFile(this.#path, 'utf8'), { key: this.#key });
    return stored.generation === envelope.generation && stored.connection?.cache === envelope.connection?.cache;
  }

  /** Resolves when every write so far has ended. */
  idle(): Promise<void> {
    return this.#writes.idle();
  }
}

/** What follows closes the folder to others and may rename what lies there, which must not happen to `/dev` or `/tmp`. */
async function assertOwnPlace(path: string): Promise<void> {
  const [file, folder] = await Promise.all([statIfThere(path), statIfThere(dirname(path))]);
  const advice = 'name a file in a folder of its own';
  if (file !== undefined && !file.isFile())
    throw new ConfigError([`WorkIQ__CacheFile is "${path}", which is no regular file: ${advice}.`]);
  if (folder !== undefined && (folder.mode & stickyBit) !== 0)
    throw new ConfigError([`WorkIQ__CacheFile is "${path}", in a folder that all users share: ${advice}.`]);
}

const stickyBit = 0o1000;

async function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
