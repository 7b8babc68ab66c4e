// Where an entry's url leads, in the one spelling in which two entries are compared. It knows nothing of what entries may do.
import { expandVariables } from '../../shared/mcp-config/expand-variables.ts';
import { isLoopbackHost } from '../../shared/origin.ts';

/** Host, port and path without what makes no difference to most servers; undefined for what is no url. */
export function serverAddress(url: string, lookup: (name: string) => string | undefined): string | undefined {
  const expanded = expandVariables(url, lookup, new Set());
  if (!URL.canParse(expanded)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(expanded);
  const host = hostname.replace(/\.$/, '');
  // The same server often listens with and without TLS.
  const shownPort = port === '' || (protocol === 'https:' ? port === '80' : port === '443') ? '' : `:${port}`;
  const segments = decodedPath(pathname)
    .toLowerCase()
    .split(/[/\\]+/)
    .filter((segment) => segment !== '');
  return `${isLoopbackHost(hostname) ? 'loopback' : host}${shownPort}/${segments.join('/')}`;
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
