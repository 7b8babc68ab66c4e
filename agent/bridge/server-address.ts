// Where an entry's url leads, in the one spelling in which two entries are compared. It knows nothing of what entries may do.
import { expandVariables } from '../../shared/mcp-config/expand-variables.ts';
import { isLoopbackHost } from '../../shared/origin.ts';
import { ownHosts } from './own-hosts.ts';

/** Host, port and path without what makes no difference to most servers; undefined for what is no url. */
export function serverAddress(url: string, lookup: (name: string) => string | undefined): string | undefined {
  const expanded = expandVariables(url, lookup, new Set());
  if (!URL.canParse(expanded)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(expanded);
  const host = plainHost(hostname);
  // The same server often listens with and without TLS.
  const shownPort = port === '' || (protocol === 'https:' ? port === '80' : port === '443') ? '' : `:${port}`;
  const segments = decodedPath(pathname)
    .toLowerCase()
    .split(/[/\\]+/)
    .filter((segment) => segment !== '');
  return `${isThisMachine(host) ? 'loopback' : host}${shownPort}/${segments.join('/')}`;
}

/** `host` as `URL.hostname` gives it. An IPv4 address in IPv6 form reaches the same server as by itself. */
function plainHost(host: string): string {
  const [, high, low] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return host.replace(/\.$/, '');
  const bytes = [high, low].map((part) => Number.parseInt(part, 16)).flatMap((part) => [part >> 8, part & 0xff]);
  return bytes.join('.');
}

/**
 * Also by the unspecified addresses, which systems connect to themselves, by names that mean loopback (RFC 6761, 6.3), and by
 * its own addresses, on which a server that listens everywhere answers as well.
 */
function isThisMachine(host: string): boolean {
  if (isLoopbackHost(host) || host === '0.0.0.0' || host === '[::]' || host.endsWith('.localhost')) return true;
  return ownHosts().has(host);
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
