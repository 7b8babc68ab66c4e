// The connection that is in force and its copy on the volume: what becomes of one becomes of the other. It knows no tokens in
// memory, no state of health, and nothing of Entra.
import type { Clock } from '../../shared/clock.ts';
import type { CacheEnvelope, Connection } from './cache-envelope.ts';
import type { CacheStore } from './cache-store.ts';
import { CacheWriter } from './cache-writer.ts';
import type { LiveConnection, LoadedConnection } from './load-connection.ts';
import { storeAndReadBack, storeWithoutConnection } from './store-connection.ts';

export interface ConnectionInForceOptions {
  tenantId: string;
  clientId: string;
  store: Pick<CacheStore, 'save' | 'holds' | 'idle'>;
  /** A write failed, with the file system's code; it is tried again. Told at each failure that somebody waits for. */
  onStoreFailed: (code: string) => void;
  onStoreRecovered: () => void;
  clock: Clock;
  /** Milliseconds between tries to write. */
  backoff: { baseMs: number; maxMs: number };
  closing: AbortSignal;
}

export class ConnectionInForce {
  readonly #options: ConnectionInForceOptions;
  readonly #writer: CacheWriter;
  /** Of the last accepted hand-off; it outlives a disconnect, so that old hand-offs stay refused. */
  #generation = 0;
  #live: LiveConnection | undefined;
  /** On the volume, and not used because the operator's rules changed. */
  #unused: Connection | undefined;

  constructor(options: ConnectionInForceOptions) {
    const { store, clock, backoff, closing, onStoreFailed, onStoreRecovered } = options;
    this.#options = options;
    this.#writer = new CacheWriter({
      save: (envelope) => store.save(envelope),
      current: () => this.#envelope(),
      onFailed: onStoreFailed,
      onRecovered: onStoreRecovered,
      clock,
      backoff,
      closing,
    });
  }

  get live(): LiveConnection | undefined {
    return this.#live;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Throws when there is none; who asks has made sure of one. */
  requireLive(): LiveConnection {
    if (this.#live === undefined) throw new Error('There is no connection.');
    return this.#live;
  }

  /** What the volume held at the start. */
  takeUp({ generation, live, unused }: Pick<LoadedConnection, 'generation' | 'live' | 'unused'>): void {
    this.#generation = generation;
    this.#live = live;
    this.#unused = unused;
  }

  /** In memory, at once; `store` brings it to the volume. */
  change(changes: Partial<Connection>): void {
    const live = this.requireLive();
    live.connection = { ...live.connection, ...changes };
  }

  /** Resolves when what is in force is on the volume, or when that failed and is tried again by itself. */
  store(): Promise<void> {
    return this.#writer.write();
  }

  /** Stores, reads back and swaps in. Throws RockBotError `internal`; the old connection is then still in force. */
  async replace({ generation, ...next }: LiveConnection & { generation: number }): Promise<void> {
    await this.#writer.exclusive(async () => {
      const before = this.#envelope();
      const envelope = { ...before, generation, connection: next.connection };
      await storeAndReadBack(this.#options.store, { envelope, before });
      this.takeUp({ generation, live: next });
    });
  }

  /** Also one that is not used. Throws RockBotError `internal`; it is then still in force. */
  async remove(): Promise<Connection | undefined> {
    const removed = this.#live?.connection ?? this.#unused;
    await this.#writer.exclusive(async () => {
      if (removed !== undefined) await storeWithoutConnection(this.#options.store, this.#envelope());
      this.takeUp({ generation: this.#generation });
    });
    return removed;
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#writer.idle();
    await this.#options.store.idle();
  }

  #envelope(): CacheEnvelope {
    const { tenantId, clientId } = this.#options;
    return { tenantId, clientId, generation: this.#generation, connection: this.#live?.connection ?? this.#unused };
  }
}
