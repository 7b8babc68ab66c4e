// The network client of the sign-in library: it turns every answer into one the library understands, keeps what Entra
// really said for the error message, and can be cancelled. It knows no flow.
import * as z from 'zod';
import { backoffDelay } from '../../shared/backoff.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { EntraRefusal } from '../../shared/entra-failure.ts';
import type { EntraHttp } from './entra-http.ts';

export interface EntraReply {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export interface EntraCall {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
}

/** Stands between the library and the wire; see `patientPoll`. */
export type EntraStep = (call: EntraCall, next: (call: EntraCall) => Promise<EntraReply>) => Promise<EntraReply>;

export interface EntraNetwork {
  send(call: EntraCall): Promise<EntraReply>;
  /** What Entra refused last, and why it could not be reached last; the newer of the two is defined. */
  readonly lastRefusal: EntraRefusal | undefined;
  readonly lastFailure: Error | undefined;
}

const refusalSchema = z.object({
  error: z.string().optional(),
  suberror: z.string().optional(),
  error_description: z.string().optional(),
  claims: z.string().optional(),
});

const maxRetries = 2;

export function createEntraNetwork(options: {
  http: EntraHttp;
  signal?: AbortSignal | undefined;
  step?: EntraStep | undefined;
  clock?: Clock | undefined;
}): EntraNetwork {
  const { http, signal, clock = systemClock } = options;
  let lastRefusal: EntraRefusal | undefined;
  let lastFailure: Error | undefined;

  const once = async (call: EntraCall): Promise<EntraReply> => {
    [lastRefusal, lastFailure] = [undefined, undefined];
    try {
      const { status, headers, text } = await http({ ...call, signal });
      const body = readBody(status, text);
      const { error, suberror, error_description: description, claims } = refusalSchema.safeParse(body).data ?? {};
      if (error !== undefined) lastRefusal = { error, suberror, description, claims };
      return { status, headers, body };
    } catch (error) {
      lastFailure = error as Error;
      throw error;
    }
  };

  /** A code may be redeemed once only; everything else may be asked again. */
  const send = async (call: EntraCall): Promise<EntraReply> => {
    const isRepeatable = call.method === 'GET' || /\/devicecode(\?|$)/.test(call.url);
    for (let attempt = 0; ; attempt += 1) {
      const last = !isRepeatable || attempt === maxRetries;
      try {
        const reply = await once(call);
        if (last || (reply.status < 500 && reply.status !== 429)) return reply;
      } catch (error) {
        if (last || signal?.aborted) throw error;
      }
      await clock.sleep(backoffDelay(attempt, { baseMs: 500, maxMs: 2_000 }), signal);
    }
  };

  return {
    send: (call) => (options.step === undefined ? send(call) : options.step(call, send)),
    get lastRefusal() {
      return lastRefusal;
    },
    get lastFailure() {
      return lastFailure;
    },
  };
}

/** The library takes any answer without an `error` for a success, even a 503 of a gateway. */
function readBody(status: number, text: string): Record<string, unknown> {
  const body = parseObject(text);
  if (body !== undefined && (typeof body['error'] === 'string' || (status >= 200 && status < 300))) return body;
  return { error: 'server_error', error_description: `The sign-in service answered with HTTP status ${status}.` };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
