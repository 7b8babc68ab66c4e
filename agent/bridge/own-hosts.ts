// By which hosts this machine, or pod, is reached from itself beside loopback; it asks no resolver.
import { hostname, networkInterfaces } from 'node:os';

/** As `URL.hostname` gives them. Addresses come and go: ask again where it matters. */
export function ownHosts(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ family, address }) => (family === 'IPv6' ? `[${address}]` : address));
  return new Set([hostname(), ...addresses].map(normalised));
}

function normalised(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
}
