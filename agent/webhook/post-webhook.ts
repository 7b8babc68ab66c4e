// One delivery of one webhook message: a signed POST, bounded in time, that follows no redirect and keeps nothing of the answer.
import type { Dispatcher } from 'undici';
import { parseRetryAfter } from '../../shared/retry-after.ts';
import type { Secret } from '../../shared/secret.ts';
import { version } from '../../shared/version.ts';
import { failureCodeOf } from '../connect-failure.ts';
import { webhookHeaders } from './webhook-signature.ts';

export interface WebhookTarget {
  url: URL;
  secret: Secret;
  dispatcher: () => Promise<Dispatcher>;
  /** Milliseconds for the whole exchange. */
  timeoutMs?: number;
}

export type Delivery =
  | { outcome: 'ok' }
  /** `why` names no more than a status or a code of the system. */
  | { outcome: 'failed'; why: string; retryAfterMs?: number | undefined }
  /** The receiver wants none of it any more (HTTP 410). */
  | { outcome: 'gone'; why: string };

const defaultTimeoutMs = 10_000;

export async function postWebhook(
  { url, secret, dispatcher, timeoutMs = defaultTimeoutMs }: WebhookTarget,
  { id, body, nowMs, signal }: { id: string; body: string; nowMs: number; signal: AbortSignal },
): Promise<Delivery> {
  try {
    const response = await (
      await dispatcher()
    ).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': `rockbot-agent/${version}`,
        ...webhookHeaders({ id, timestamp: Math.floor(nowMs / 1_000), body }, secret),
      },
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const { statusCode, headers } = response;
    // The status has decided; a body that fails or never ends changes nothing.
    response.body.on('error', () => undefined);
    response.body.destroy();
    const why = `HTTP ${statusCode}`;
    if (statusCode >= 200 && statusCode < 300) return { outcome: 'ok' };
    if (statusCode === 410) return { outcome: 'gone', why };
    const retryAfter = headers['retry-after'];
    return {
      outcome: 'failed',
      why,
      retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined),
    };
  } catch (error) {
    return { outcome: 'failed', why: failureCodeOf(error) ?? 'unknown' };
  }
}
