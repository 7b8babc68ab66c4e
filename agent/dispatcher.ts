// The outgoing HTTP connections: trusted CAs, proxies from the environment, keep-alive. It knows no token and no MCP.
import type { Dispatcher } from 'undici';
import { trustedCertificates } from './trusted-certificates.ts';

export interface DispatcherOptions {
  /** PEM of an extra CA, trusted beside the public ones. */
  ca?: string | undefined;
  /** Whether event streams may stay silent for long; else a body must go on within five minutes. */
  keepStreamsOpen?: boolean;
  env: NodeJS.ProcessEnv;
}

/** Made at the first request, because loading undici would take a good part of the agent's start. */
export interface LazyDispatcher {
  get(): Promise<Dispatcher>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export function createDispatcher(options: DispatcherOptions): LazyDispatcher {
  let dispatcher: Promise<Dispatcher> | undefined;
  return {
    get: () => (dispatcher ??= load(options)),
    close: async () => (await dispatcher)?.destroy(),
  };
}

/** Honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY; a proxy is never used for a loopback address. */
async function load({ ca, keepStreamsOpen = false, env }: DispatcherOptions): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const connect = { timeout: 10_000, ...(ca !== undefined && { ca: trustedCertificates(ca) }) };
  const limits = keepStreamsOpen ? { bodyTimeout: 0 } : {};
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? env['HTTP_PROXY'] ?? env['http_proxy'];
  if (proxy === undefined || proxy === '') return new Agent({ connect, ...limits });
  const noProxy = [env['NO_PROXY'] ?? env['no_proxy'], 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
  return new EnvHttpProxyAgent({ connect, requestTls: connect, noProxy, ...limits });
}
