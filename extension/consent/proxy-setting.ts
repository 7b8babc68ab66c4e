// Which proxy the environment names for a URL (HTTPS_PROXY, ALL_PROXY, NO_PROXY); pure.

/** Undefined for a direct connection, and for proxies that are not spoken to over HTTP. */
export function proxyFor(target: URL, env: Record<string, string | undefined>): URL | undefined {
  const setting = variable(env, 'https_proxy') ?? variable(env, 'all_proxy');
  if (setting === undefined || isExcluded(target, variable(env, 'no_proxy') ?? '')) return undefined;
  const text = setting.includes('://') ? setting : `http://${setting}`;
  if (!URL.canParse(text)) return undefined;
  const proxy = new URL(text);
  return proxy.protocol === 'http:' || proxy.protocol === 'https:' ? proxy : undefined;
}

function variable(env: Record<string, string | undefined>, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()];
  return value === undefined || value === '' ? undefined : value;
}

function isExcluded({ hostname, port }: URL, list: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return true;
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const [name = '', entryPort] = entry
        .toLowerCase()
        .replace(/^\*?\./, '')
        .split(':');
      if (entryPort !== undefined && entryPort !== (port || '443')) return false;
      return hostname === name || hostname.endsWith(`.${name}`);
    });
}
