// MSAL's network client: bounded in time, own CA and proxy, and every answer made into one that MSAL reads rightly.
// It imports no MSAL; the shape is INetworkModule of @azure/msal-common.
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import { aadstsOf } from '../../shared/entra-failure.ts';
import { parseRetryAfter } from '../../shared/retry-after.ts';
import { certificateFault, failureCodeOf } from '../connect-failure.ts';
import type { EntraLog } from './entra-log.ts';

export interface NetworkAnswer {
  headers: Record<string, string>;
  body: unknown;
  status: number;
}

/** What the last failed request said, kept because MSAL's errors lose the status, Retry-After and claims. */
export interface TokenEndpointFailure {
  /** HTTP status; undefined when there was no answer at all. */
  status?: number | undefined;
  error?: string | undefined;
  suberror?: string | undefined;
  description?: string | undefined;
  claims?: string | undefined;
  retryAfterMs?: number | undefined;
  /** Set when the service's certificate was the reason; the code is OpenSSL's. */
  certificate?: { host: string; code: string };
}

const requestTimeoutMs = 15_000;
const maxBodyBytes = 1024 * 1024;

const errorBodySchema = z.looseObject({
  error: z.string().min(1),
  suberror: z.string().optional(),
  error_description: z.string().optional(),
  claims: z.string().optional(),
});

export class TokenEndpointClient {
  readonly #dispatcher: () => Promise<Dispatcher>;
  readonly #closing: AbortSignal;
  readonly #timeoutMs: number;
  readonly #log: EntraLog | undefined;
  #failure: TokenEndpointFailure | undefined;

  /** `timeoutMs` is for one whole request. */
  constructor(options: {
    dispatcher: () => Promise<Dispatcher>;
    closing: AbortSignal;
    timeoutMs?: number;
    log?: EntraLog | undefined;
  }) {
    this.#log = options.log;
    this.#dispatcher = options.dispatcher;
    this.#closing = options.closing;
    this.#timeoutMs = options.timeoutMs ?? requestTimeoutMs;
  }

  /** Returns and forgets what the last failed request said. */
  takeFailure(): TokenEndpointFailure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  sendGetRequestAsync<T>(
    url: string,
    options?: { headers?: Record<string, string> },
  ): Promise<{ headers: Record<string, string>; body: T; status: number }> {
    return this.#send('GET', url, options) as Promise<{ headers: Record<string, string>; body: T; status: number }>;
  }

  sendPostRequestAsync<T>(
    url: string,
    options?: { headers?: Record<string, string>; body?: string },
  ): Promise<{ headers: Record<string, string>; body: T; status: number }> {
    return this.#send('POST', url, options) as Promise<{ headers: Record<string, string>; body: T; status: number }>;
  }

  async #send(
    method: 'GET' | 'POST',
    url: string,
    options: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<NetworkAnswer> {
    this.#failure = undefined;
    const { origin, host, pathname, search } = new URL(url);
    try {
      const dispatcher = await this.#dispatcher();
      const response = await dispatcher.request({
        origin,
        path: pathname + search,
        method,
        headers: options.headers ?? {},
        body: options.body ?? null,
        headersTimeout: this.#timeoutMs,
        bodyTimeout: this.#timeoutMs,
        signal: AbortSignal.any([this.#closing, AbortSignal.timeout(this.#timeoutMs)]),
      });
      const text = await readBounded(response.body);
      const headers = singleValued(response.headers);
      return this.#normalise({ status: response.statusCode, headers, text, method, host });
    } catch (error) {
      const code = failureCodeOf(error) ?? 'unknown';
      this.#failure = {
        error: 'temporarily_unavailable',
        description: `The sign-in service could not be reached (${code}).`,
        ...(certificateFault(code) !== undefined && { certificate: { host, code } }),
      };
      if (!this.#closing.aborted) this.#log?.failed({ host, code });
      throw error;
    }
  }

  /** MSAL takes an answer without `error` for a success, whatever its status (measured with 7.2.1). */
  #normalise(answer: {
    status: number;
    headers: Record<string, string>;
    text: string;
    method: 'GET' | 'POST';
    host: string;
  }): NetworkAnswer {
    const { status, headers, text, method, host } = answer;
    const body = parseObject(text);
    if (status < 300 && body !== undefined && (method === 'GET' || typeof body['access_token'] === 'string')) {
      if (method === 'POST') this.#log?.succeeded();
      return { status, headers, body };
    }
    const retryAfterMs = parseRetryAfter(headers['retry-after']);
    const refused = status < 500 && status !== 429 ? errorBodySchema.safeParse(body).data : undefined;
    this.#log?.failed({
      host,
      status,
      error: refused?.error,
      aadsts: aadstsOf(refused?.error_description),
      correlationId: correlationIdOf(body?.['correlation_id'], headers),
    });
    if (refused !== undefined) {
      this.#failure = {
        status,
        error: refused.error,
        suberror: refused.suberror,
        description: refused.error_description,
        claims: refused.claims,
        retryAfterMs,
      };
      return { status, headers, body: refused };
    }
    const description = `The sign-in service answered HTTP ${status} without a token.`;
    this.#failure = { status, error: 'temporarily_unavailable', description, retryAfterMs };
    // MSAL throttles itself after 429, 5xx and Retry-After, and then answers without asking; the waiting is done elsewhere.
    return { status: 400, headers: {}, body: { error: 'temporarily_unavailable', error_description: description } };
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new Error('The sign-in service answered more than 1 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function singleValued(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** Entra repeats it in a header; only what looks like an id is taken, because it goes into the log. */
function correlationIdOf(told: unknown, headers: Record<string, string>): string | undefined {
  return [told, headers['client-request-id'], headers['x-ms-request-id']].find(
    (id): id is string => typeof id === 'string' && /^[0-9a-f-]{16,40}$/i.test(id),
  );
}
