// Opens WebSockets for the NATS client, with a certificate authority of the operator and on every Node version.
import { WebSocket } from 'ws';
import { trustedCertificates } from './trusted-certificates.ts';

export interface BusSockets {
  /** Starts connecting; errors show in `lastError` and at whoever listens on the socket. */
  open(): WebSocket;
  /** Why the newest socket failed; the NATS client keeps little of it. */
  readonly lastError: Error | undefined;
  /** Ends every socket at once, whatever its state. */
  terminate(): void;
}

export function createBusSockets(options: { url: string; ca?: string | undefined; timeoutMs: number }): BusSockets {
  const sockets = new Set<WebSocket>();
  const ca = trustedCertificates(options.ca);
  let lastError: Error | undefined;
  return {
    open: () => {
      lastError = undefined;
      const socket = new WebSocket(options.url, {
        perMessageDeflate: false,
        handshakeTimeout: options.timeoutMs,
        ...(ca !== undefined && { ca }),
      });
      sockets.add(socket);
      socket.on('error', (error) => (lastError = error));
      socket.on('close', () => sockets.delete(socket));
      return socket;
    },
    get lastError() {
      return lastError;
    },
    terminate: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}
