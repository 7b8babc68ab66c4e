// Which proxy the environment names for a URL (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY), in both tiers; pure.
import { isLoopbackHost } from './origin.ts';

/** Undefined for a direct connection, and for proxies that are not spoken to over HTTP. */
export function proxyFor(target: URL, env: Record<string, string | undefined>): URL | undefined {
  const setting = proxySetting(target.protocol, env);
  if (setting === undefined || isExcluded(target, variable(env, 'no_proxy') ?? '')) return undefined;
  const text = setting.includes('://') ? setting : `http://${setting}`;
  if (!URL.canParse(text)) return undefined;
  const proxy = new URL(text);
  return proxy.protocol === 'http:' || proxy.protocol === 'https:' ? proxy : undefined;
}

/** Whether any URL could have one. */
export function namesProxy(env: Record<string, string | undefined>): boolean {
  return proxySetting('https:', env) !== undefined;
}

/** Where only HTTP_PROXY is set, it is meant for both. */
function proxySetting(protocol: string, env: Record<string, string | undefined>): string | undefined {
  const names = protocol === 'http:' ? ['http_proxy', 'all_proxy'] : ['https_proxy', 'all_proxy', 'http_proxy'];
  return names.map((name) => variable(env, name)).find((value) => value !== undefined);
}

function variable(env: Record<string, string | undefined>, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function isExcluded({ hostname, port, protocol }: URL, list: string): boolean {
  if (isLoopbackHost(hostname)) return true;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const [name = '', entryPort] = entry.replace(/^\*?\./, '').split(':');
      if (entryPort !== undefined && entryPort !== (port || (protocol === 'http:' ? '80' : '443'))) return false;
      return hostname === name || hostname.endsWith(`.${name}`);
    });
}
