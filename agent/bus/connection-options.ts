// How the agent connects to NATS: credentials, certificate authority, back-off. It opens no connection.
import { credsAuthenticator, nkeyAuthenticator, type Authenticator, type ConnectionOptions } from 'nats.ws';
import { WebSocket } from 'ws';
import { backoffDelay } from '../../shared/backoff.ts';
import type { Secret } from '../../shared/secret.ts';
import { trustedCertificates } from '../trusted-certificates.ts';

export interface BusConnectionSettings {
  url: string;
  nkeySeed?: Secret | undefined;
  creds?: Secret | undefined;
  /** PEM of an extra CA. */
  ca?: string | undefined;
  agent: string;
  /** Told of every failure of a socket; nats.ws itself says only that there was one. */
  onSocketError: (error: unknown) => void;
}

/** nats.ws takes a socket factory but does not export its type. */
type WsConnectionOptions = ConnectionOptions & {
  wsFactory: (address: string) => Promise<{ socket: WebSocket; encrypted: boolean }>;
};

export function connectionOptions(settings: BusConnectionSettings): WsConnectionOptions {
  const { url, ca, agent, onSocketError } = settings;
  const authenticator = authenticatorOf(settings);
  return {
    servers: url,
    name: `rockbot-agent ${agent}`,
    ...(authenticator !== undefined && { authenticator }),
    maxReconnectAttempts: -1,
    waitOnFirstConnect: false,
    reconnectDelayHandler: () => backoffDelay(2, { baseMs: 250, maxMs: 2_000 }),
    // Revoked credentials may be granted again; the log and /readyz say what is wrong meanwhile.
    ignoreAuthErrorAbort: true,
    // Behind an ingress the servers' own addresses lead nowhere.
    ignoreClusterUpdates: true,
    pingInterval: 20_000,
    noAsyncTraces: true,
    wsFactory: async (address) => {
      const socket = new WebSocket(address, {
        perMessageDeflate: false,
        ...(ca !== undefined && { ca: trustedCertificates(ca) }),
      });
      socket.on('error', onSocketError);
      return { socket, encrypted: address.startsWith('wss:') };
    },
  };
}

function authenticatorOf({ nkeySeed, creds }: BusConnectionSettings): Authenticator | undefined {
  const encoder = new TextEncoder();
  if (nkeySeed !== undefined) return nkeyAuthenticator(encoder.encode(nkeySeed.reveal()));
  return creds === undefined ? undefined : credsAuthenticator(encoder.encode(creds.reveal()));
}
