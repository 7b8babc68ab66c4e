// The outgoing HTTP connections: trusted CAs, proxies from the environment, keep-alive. It knows no token and no MCP.
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { rootCertificates } from 'node:tls';

export interface DispatcherOptions {
  /** PEM of an extra CA, trusted beside the public ones. */
  ca?: string | undefined;
  /** Connections per origin; undefined for no limit. */
  connections?: number | undefined;
  env: NodeJS.ProcessEnv;
}

/** Honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY; a proxy is never used for a loopback address. */
export function createDispatcher({ ca, connections, env }: DispatcherOptions): Dispatcher {
  const connect = { timeout: 10_000, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) };
  const limits = { connections: connections ?? null, keepAliveTimeout: 30_000 };
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? env['HTTP_PROXY'] ?? env['http_proxy'];
  if (proxy === undefined || proxy === '') return new Agent({ connect, ...limits });
  const noProxy = [env['NO_PROXY'] ?? env['no_proxy'], 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
  return new EnvHttpProxyAgent({ connect, requestTls: connect, noProxy, ...limits });
}
