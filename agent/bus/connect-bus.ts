// Opens the agent's connection to the bus: tries for ever, and says why there is none yet. It serves nothing.
import { connect, type NatsConnection } from 'nats.ws';
import { backoffDelay } from '../../shared/backoff.ts';
import { isBusAuthCode } from '../../shared/bus-auth-code.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Logger } from '../logger.ts';
import { connectionOptions, type BusConnectionSettings } from './connection-options.ts';
import { SocketWatch } from './socket-watch.ts';

export interface ConnectBusOptions extends Omit<BusConnectionSettings, 'onSocketError'> {
  logger: Logger;
  signal?: AbortSignal;
  /** Why there is no first connection yet, in plain words. */
  onTrouble?: (why: string) => void;
}

export interface ConnectedBus {
  connection: NatsConnection;
  /** Follows the sockets of later connections, too. */
  socket: SocketWatch;
}

/** With jitter, also while the credentials are refused. Rejects when the signal aborts. */
export async function connectBus(options: ConnectBusOptions): Promise<ConnectedBus> {
  const { logger, signal, url } = options;
  const socket = new SocketWatch(options);
  const onSocketError = (error: unknown): void => {
    socket.failed(error);
  };
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    const { failures } = socket;
    try {
      const connection = await connect(connectionOptions({ ...options, onSocketError }));
      socket.connected();
      return { connection, socket };
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'unknown';
      if (isBusAuthCode(code)) {
        socket.refused(code);
      } else if (socket.failures === failures && attempt % 10 === 0) {
        // The socket had no failure; what came over it, or nothing at all, was no bus.
        logger.warn('The bus cannot be reached yet; it is tried again.', { url, code, attempt });
      }
      options.onTrouble?.(socket.trouble);
      await systemClock.sleep(backoffDelay(attempt, { baseMs: 100, maxMs: 5_000 }), signal);
    }
  }
}
