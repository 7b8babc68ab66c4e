// The outgoing HTTP connections: trusted CAs, proxies from the environment, keep-alive. It knows no token and no MCP.
import type { Dispatcher } from 'undici';
import { namesProxy } from '../shared/proxy-setting.ts';
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

/** A proxy is used as the environment says (see shared/proxy-setting.ts), and never for a loopback address. */
async function load({ ca, keepStreamsOpen = false, env }: DispatcherOptions): Promise<Dispatcher> {
  const connect = { timeout: 10_000, ...(ca !== undefined && { ca: trustedCertificates(ca) }) };
  const limits = keepStreamsOpen ? { bodyTimeout: 0 } : {};
  if (!namesProxy(env)) {
    const { Agent } = await import('undici');
    return new Agent({ connect, ...limits });
  }
  const { ProxiedDispatcher } = await import('./proxied-dispatcher.ts');
  return new ProxiedDispatcher({ env, connect, ...limits });
}
