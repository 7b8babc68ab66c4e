/** Listening on one port with planned outages: connections dropped or refused; it must not know what is served. */
import type { Server } from 'node:net';
import type { AddressInfo } from 'node:net';

type HttpServer = Server & { closeAllConnections(): void };

export type Outage = 'none' | 'reset' | 'refused';

/** Listens on loopback. `port` 0 takes a free one and keeps it over outages. */
export async function listenWithOutages(server: HttpServer, wantedPort: number) {
  let outage: Outage = 'none';
  server.on('connection', (socket) => {
    if (outage !== 'none') socket.destroy();
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(wantedPort);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    close: stop,
    /** Resolves when the outage is in force, or over. */
    async set(next: Outage): Promise<void> {
      if (next === outage) return;
      outage = next;
      if (next === 'refused') await stop();
      else if (!server.listening) await listen(port);
      if (next === 'reset') server.closeAllConnections();
    },
    /** Drops every open connection, such as those of requests that hang. */
    dropConnections: (): void => server.closeAllConnections(),
  };
}
