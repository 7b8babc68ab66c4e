// Which origins may receive a bearer: https ones, and plain http on this machine only.

/** True for 127.0.0.0/8, ::1 and localhost; `host` as `URL.hostname` gives it. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** The normalised origin of a text that is an origin and nothing more, or undefined when no bearer may ever go there. */
export function parseOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isBare =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
  return isBare && isSafe && !text.includes('*') ? url.origin : undefined;
}
