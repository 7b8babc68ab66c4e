// How the UI tier connects to NATS: credentials, back-off, sockets. It opens no connection.
import { credsAuthenticator, nkeyAuthenticator, type Authenticator, type ConnectionOptions } from 'nats.ws';
import { backoffDelay } from '../../shared/backoff.ts';
import { systemClock } from '../../shared/clock.ts';
import type { BusCredentials } from './bus-credentials.ts';
import type { BusSockets } from './bus-socket.ts';

export interface BusConnectionSettings {
  url: string;
  source: string;
  credentials?: BusCredentials | undefined;
  /** Milliseconds. */
  timeoutMs: number;
  sockets: BusSockets;
  /** Tries since the connection was last up. */
  attempt: () => number;
}

const reconnectBackoff = { baseMs: 250, maxMs: 15_000 };

export function connectionOptions(settings: BusConnectionSettings): ConnectionOptions {
  const { url, source, credentials, timeoutMs, sockets, attempt } = settings;
  /** nats.ws takes a socket factory but does not export its type. */
  const options: ConnectionOptions & { wsFactory: unknown } = {
    servers: [url],
    name: `rockbot ${source}`,
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    // Revoked credentials may be granted again; the state says what is wrong meanwhile.
    ignoreAuthErrorAbort: true,
    // Behind an ingress the servers' own addresses lead nowhere.
    ignoreClusterUpdates: true,
    pingInterval: 20_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    reconnectDelayHandler: () => backoffDelay(attempt(), reconnectBackoff),
    wsFactory: async () => {
      // The client dials at once after a loss; everybody at the same moment would be too much for a restarted bus.
      if (attempt() === 1) await systemClock.sleep(Math.random() * reconnectBackoff.baseMs);
      return { socket: sockets.open(), encrypted: url.startsWith('wss:') };
    },
    ...(credentials !== undefined && { authenticator: authenticatorOf(credentials) }),
  };
  return options;
}

function authenticatorOf(credentials: BusCredentials): Authenticator {
  const encoder = new TextEncoder();
  return credentials.kind === 'nkey'
    ? nkeyAuthenticator(() => encoder.encode(credentials.seed.reveal()))
    : credsAuthenticator(() => encoder.encode(credentials.text.reveal()));
}
