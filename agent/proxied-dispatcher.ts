// Sends each HTTP request directly or through the proxy that the environment names for its origin. It knows no token and no MCP.
import { Agent, Dispatcher, ProxyAgent, type buildConnector } from 'undici';
import { proxyFor } from '../shared/proxy-setting.ts';

export interface ProxiedDispatcherOptions {
  env: NodeJS.ProcessEnv;
  /** For connections to the service and, where it speaks TLS, to the proxy. */
  connect: buildConnector.BuildOptions;
  /** Milliseconds that a body may pause; 0 for ever. */
  bodyTimeout?: number;
}

export class ProxiedDispatcher extends Dispatcher {
  readonly #options: ProxiedDispatcherOptions;
  readonly #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(options: ProxiedDispatcherOptions) {
    super();
    this.#options = options;
    const { connect, bodyTimeout } = options;
    this.#direct = new Agent({ connect, ...(bodyTimeout !== undefined && { bodyTimeout }) });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const proxy = proxyFor(new URL(options.origin ?? ''), this.#options.env);
    return (proxy === undefined ? this.#direct : this.#through(proxy)).dispatch(options, handler);
  }

  #through({ href }: URL): ProxyAgent {
    const known = this.#proxies.get(href);
    if (known !== undefined) return known;
    const { connect, bodyTimeout } = this.#options;
    const made = new ProxyAgent({
      uri: href,
      requestTls: connect,
      proxyTls: connect,
      ...(bodyTimeout !== undefined && { bodyTimeout }),
    });
    this.#proxies.set(href, made);
    return made;
  }

  override async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.close()));
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()));
  }
}
