// The life of one connection to the bus: its state, who hears of it, what waits for it, its end. It knows no requests.
import { DebugEvents, Events, type NatsConnection } from 'nats.ws';
import { abortable } from '../../shared/abort.ts';
import { isBusAuthCode } from '../../shared/bus-auth-code.ts';
import { BusClosed } from './bus-closed.ts';
import { credentialsRefused, permissionViolation } from './bus-failures.ts';
import type { BusSockets } from './bus-socket.ts';
import { reduceBusState, type BusEvent, type BusState } from './bus-status.ts';

export interface BusLinkOptions {
  url: string;
  hasCredentials: boolean;
  connection: NatsConnection;
  sockets: BusSockets;
  /** Told how often it was dialled since the connection was last up. */
  onAttempt: (attempt: number) => void;
}

const closeTimeoutMs = 2_000;

export class BusLink {
  readonly #options: BusLinkOptions;
  readonly #listeners = new Set<(event: BusEvent) => void>();
  #state: BusState = { kind: 'connected' };
  #closing: Promise<void> | undefined;

  constructor(options: BusLinkOptions) {
    this.#options = options;
    void this.#watch();
  }

  get state(): BusState {
    return this.#state;
  }

  /** Returns a function that ends the listening. */
  onEvent(listener: (event: BusEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves once there is a connection: what is published without one would be lost.
   * @throws BusClosed when it was closed; or the signal's reason
   */
  async connected(signal: AbortSignal): Promise<void> {
    while (this.#state.kind !== 'connected') {
      if (this.#state.kind === 'closed') throw new BusClosed();
      await abortable(this.#nextEvent(), signal);
    }
    signal.throwIfAborted();
  }

  /** Lets messages under way finish, then ends the connection; never rejects and may be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { connection, sockets } = this.#options;
    const wasConnected = this.#state.kind === 'connected';
    this.#emit({ kind: 'closed' });
    try {
      if (wasConnected) await abortable(connection.drain(), AbortSignal.timeout(closeTimeoutMs));
      await connection.close();
    } catch {
      await connection.close().catch(() => undefined);
    } finally {
      sockets.terminate();
    }
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onEvent(() => {
        stop();
        resolve();
      });
    });
  }

  async #watch(): Promise<void> {
    const { connection, url, hasCredentials } = this.#options;
    for await (const { type, data, permissionContext } of connection.status()) {
      if (type === Events.Disconnect) this.#emit({ kind: 'disconnected' });
      else if (type === Events.Reconnect) this.#emit({ kind: 'connected' });
      else if (type === DebugEvents.Reconnecting) this.#emit({ kind: 'reconnecting', attempt: this.#attempts() + 1 });
      else if (type === Events.Error && permissionContext !== undefined) {
        const { subject } = permissionContext;
        const operation = permissionContext.operation === 'publish' ? 'publish' : 'subscribe';
        this.#emit({ kind: 'forbidden', subject, operation, error: permissionViolation(subject, operation) });
      } else if (type === Events.Error && isBusAuthCode(data))
        this.#emit({ kind: 'refused', error: credentialsRefused(url, hasCredentials) });
    }
    this.#emit({ kind: 'closed' });
  }

  #attempts(): number {
    return this.#state.kind === 'reconnecting' ? this.#state.attempt : 0;
  }

  #emit(event: BusEvent): void {
    if (this.#state.kind === 'closed') return;
    this.#state = reduceBusState(this.#state, event);
    this.#options.onAttempt(this.#attempts());
    for (const listener of this.#listeners) listener(event);
  }
}
