/** An MSAL network client on node:https that trusts one CA, for tests of the simulator; it must not know the product's own. */
import { request } from 'node:https';
import type { INetworkModule, NetworkRequestOptions } from '@azure/msal-node';

interface NetworkReply {
  headers: Record<string, string>;
  body: unknown;
  status: number;
}

/**
 * Bodies that are no JSON object become `{error: "temporarily_unavailable", …}`, and a 4xx or 5xx without `error` gets one,
 * because MSAL takes an answer without `error` for a success.
 */
export function trustingNetworkClient(caPem: string, options: { timeoutMs?: number } = {}): INetworkModule {
  const exchange = (method: string, url: string, sent: NetworkRequestOptions | undefined) =>
    new Promise<NetworkReply>((resolve, reject) => {
      const signal = AbortSignal.timeout(options.timeoutMs ?? 5000);
      const outgoing = request(url, { method, headers: sent?.headers, ca: caPem, agent: false, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const headers = Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          );
          const status = response.statusCode ?? 0;
          resolve({ headers, status, body: bodyOf(text, status) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(sent?.body);
    });
  return {
    sendGetRequestAsync: (url, sent) => exchange('GET', url, sent) as never,
    sendPostRequestAsync: (url, sent) => exchange('POST', url, sent) as never,
  };
}

function bodyOf(text: string, status: number): unknown {
  const unavailable = { error: 'temporarily_unavailable', error_description: `HTTP ${String(status)}`, status };
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null) return unavailable;
    return status >= 400 && !('error' in document) ? unavailable : document;
  } catch {
    return unavailable;
  }
}
