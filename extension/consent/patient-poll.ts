// Keeps the poll of a device code alive: the library's own loop ends at one slow_down, 503 or lost connection (RFC 8628
// 3.5 wants it to go on). It knows no library.
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { EntraReply, EntraStep } from './entra-network.ts';

const defaultIntervalMs = 5_000;
/** RFC 8628 3.5: each slow_down adds this for good. */
const slowDownMs = 5_000;

const stillPending: EntraReply = { status: 400, headers: {}, body: { error: 'authorization_pending' } };

/** A step for `createEntraNetwork`; everything but polls passes unchanged. */
export function patientPoll(options: { signal?: AbortSignal | undefined; clock?: Clock | undefined }): EntraStep {
  const { signal, clock = systemClock } = options;
  let intervalMs = defaultIntervalMs;
  let notBefore = 0;
  return async (call, next) => {
    if (call.body === undefined || !isPoll(call.body)) {
      const reply = await next(call);
      const interval = reply.body['interval'];
      if (typeof interval === 'number' && interval > 0) intervalMs = interval * 1_000;
      return reply;
    }
    await clock.sleep(notBefore - clock.now(), signal);
    let reply: EntraReply;
    try {
      reply = await next(call);
    } catch (error) {
      if (signal?.aborted) throw error;
      notBefore = clock.now() + intervalMs;
      return stillPending;
    }
    if (reply.body['error'] === 'slow_down') intervalMs += slowDownMs;
    const retryAfterMs = Number(reply.headers['retry-after']) * 1_000;
    notBefore = clock.now() + Math.max(intervalMs, Number.isFinite(retryAfterMs) ? Math.min(retryAfterMs, 60_000) : 0);
    return isTemporary(reply) ? stillPending : reply;
  };
}

function isPoll(body: string): boolean {
  // The library sends the short name, the standard has the long one.
  return /(?:^|&)grant_type=(?:device_code|urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code)(?:&|$)/.test(body);
}

const temporaryErrors: ReadonlySet<unknown> = new Set(['slow_down', 'temporarily_unavailable', 'server_error']);

function isTemporary({ status, body }: EntraReply): boolean {
  return status >= 500 || status === 429 || temporaryErrors.has(body['error']);
}
