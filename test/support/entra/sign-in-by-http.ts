/** A person at the simulator's pages, without a browser: follows links and submits forms as told; knows only the pages. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface SignInByHttp {
  /** An authorize URL, or the device login page. */
  url: string;
  caPem: string;
  /** Whose account is picked: key of the user, such as `adele`. */
  user: string;
  /** What is clicked on the consent and confirmation pages. */
  decision?: 'accept' | 'decline';
  /** Typed at the device login page. */
  userCode?: string;
  /** Kept between calls by the caller when one browser signs in twice. */
  cookies?: Map<string, string>;
}

export interface SignInOutcome {
  /** Body ids of the pages seen, such as `page-accounts`, `page-consent`; `app` is the app's own page. */
  pages: string[];
  /** The last page. */
  html: string;
  status: number;
  /** Set on an error page, such as `AADSTS50011`. */
  aadsts?: string;
}

const MAX_STEPS = 12;

/** Resolves when there is nothing left to click. Rejects after 12 steps, or when the app's loopback is gone. */
export async function signInByHttp(options: SignInByHttp): Promise<SignInOutcome> {
  const cookies = options.cookies ?? new Map<string, string>();
  const pages: string[] = [];
  let page = await load({ ...options, method: 'GET', cookies });
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const id = /<body id="([^"]+)"/.exec(page.html)?.[1] ?? 'app';
    pages.push(id);
    const aadsts = /id="aadsts">([^<]+)</.exec(page.html)?.[1];
    const fields = fieldsFor(id, page.html, options);
    const action = attribute(/<form[^>]*>/.exec(page.html)?.[0] ?? '', 'action');
    if (!fields || action === undefined) {
      return { pages, html: page.html, status: page.status, ...(aadsts === undefined ? {} : { aadsts }) };
    }
    const url = new URL(action, page.url).href;
    page = await load({ ...options, url, method: 'POST', cookies, body: new URLSearchParams(fields).toString() });
  }
  throw new Error(`sign-in did not end after ${String(MAX_STEPS)} pages: ${pages.join(', ')}`);
}

function fieldsFor(id: string, html: string, options: SignInByHttp): Record<string, string> | undefined {
  const accepts = options.decision !== 'decline';
  switch (id) {
    case 'page-accounts':
      return { user: options.user };
    case 'page-consent':
      return { decision: accepts ? 'accept' : 'decline' };
    case 'page-admin-approval':
      return { decision: 'decline' };
    case 'page-device-confirm':
      return { decision: accepts ? 'continue' : 'cancel' };
    case 'page-device-code':
      return html.includes('id="code-error"') ? undefined : { user_code: options.userCode ?? '' };
    case 'page-working':
      return Object.fromEntries(
        [...html.matchAll(/<input type="hidden"[^>]*>/g)].map(([tag]) => [
          attribute(tag, 'name') ?? '',
          attribute(tag, 'value') ?? '',
        ]),
      );
    default:
      return undefined;
  }
}

interface LoadedPage {
  url: string;
  status: number;
  html: string;
}

async function load(options: {
  url: string;
  method: string;
  caPem: string;
  cookies: Map<string, string>;
  body?: string;
}): Promise<LoadedPage> {
  const { url, cookies, body } = options;
  const isSecure = url.startsWith('https:');
  const headers: Record<string, string> = {
    ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...(isSecure && cookies.size > 0 ? { Cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } : {}),
  };
  const { status, html, location } = await new Promise<LoadedPage & { location?: string | undefined }>(
    (resolve, reject) => {
      const send = isSecure ? httpsRequest : httpRequest;
      const outgoing = send(
        url,
        { method: options.method, headers, agent: false, ...(isSecure ? { ca: options.caPem } : {}) },
        (response) => {
          for (const cookie of response.headers['set-cookie'] ?? []) {
            const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
            cookies.set(name, value);
          }
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ url, status: response.statusCode ?? 0, html: text, location: response.headers.location }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    },
  );
  if (location === undefined) return { url, status, html };
  return load({ url: new URL(location, url).href, method: 'GET', caPem: options.caPem, cookies });
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
