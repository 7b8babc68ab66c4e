// One HTTPS exchange with the sign-in service: own certificate authority, proxy of the environment, limits. It follows no
// redirect and knows nothing of OAuth.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { proxyFor } from '../../shared/proxy-setting.ts';

export interface EntraHttpRequest {
  method: 'GET' | 'POST';
  /** Absolute `https:` URL. */
  url: string;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface EntraHttpResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export type EntraHttp = (request: EntraHttpRequest) => Promise<EntraHttpResponse>;

const timeoutMs = 20_000;
const maxBodyBytes = 1024 * 1024;

export function createEntraHttp(options: { ca?: string[] | undefined; env: NodeJS.ProcessEnv }): EntraHttp {
  return async ({ method, url, headers = {}, body, signal }) => {
    const target = new URL(url);
    const deadline = AbortSignal.timeout(timeoutMs);
    const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    ended.throwIfAborted();
    const proxy = proxyFor(target, options.env);
    const tunnel = proxy === undefined ? undefined : await openTunnel({ proxy, target, signal: ended });
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        target,
        {
          method,
          signal: ended,
          headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
          ...(options.ca !== undefined && { ca: options.ca }),
          // With an agent, even with `false`, Node would not ask for our connection.
          ...(tunnel === undefined
            ? { agent: false }
            : {
                createConnection: () =>
                  tlsConnect({ socket: tunnel, servername: target.hostname, ...(options.ca && { ca: options.ca }) }),
              }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > maxBodyBytes) request.destroy(new Error('the answer is too large'));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: flatten(response.headers),
              text: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      request.on('error', (error) => {
        tunnel?.destroy();
        reject(ended.aborted ? (ended.reason as Error) : error);
      });
      request.end(body);
    });
  };
}

function openTunnel(options: { proxy: URL; target: URL; signal: AbortSignal }): Promise<Socket> {
  const { proxy, target, signal } = options;
  const authority = `${target.hostname}:${target.port || '443'}`;
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    agent: false,
    signal,
    headers: {
      host: authority,
      ...(proxy.username !== '' && {
        'proxy-authorization': `Basic ${Buffer.from(
          `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`,
        ).toString('base64')}`,
      }),
    },
  });
  return new Promise((resolve, reject) => {
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(Object.assign(new Error(`the proxy ${proxy.host} answers ${response.statusCode}`), { code: 'EPROXY' }));
    });
    request.on('error', (cause) => {
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : Object.assign(new Error(`the proxy ${proxy.host} cannot be reached`, { cause }), { code: 'EPROXY' }),
      );
    });
    request.end();
  });
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
