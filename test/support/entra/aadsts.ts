/** A refusal by Entra as an error and as the document on the wire; it must not know when refusals happen. */
import { randomUUID } from 'node:crypto';
import { AADSTS } from './aadsts-catalogue.ts';
import type { AadstsCode, AadstsEntry } from './aadsts-catalogue.ts';

export interface AadstsDetails {
  /** Values for the `{names}` in the message. */
  [name: string]: string | undefined;
}

/** A refusal by Entra. `message` never holds a token, so it may be shown on an error page. */
export class EntraError extends Error {
  readonly error: string;
  readonly status: number;
  readonly aadsts: number | undefined;
  readonly suberror: string | undefined;
  readonly claims: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(options: AadstsEntry & { aadsts?: number | undefined }) {
    super(options.message);
    this.name = 'EntraError';
    this.error = options.error;
    this.status = options.status ?? 400;
    this.aadsts = options.aadsts;
    this.suberror = options.suberror;
    this.claims = options.claims;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export interface AadstsOverrides {
  /** `null` leaves the suberror out, as some tenants see it. */
  suberror?: string | null | undefined;
  claims?: string | undefined;
  retryAfterSeconds?: number | undefined;
}

export function aadsts(code: AadstsCode, details: AadstsDetails = {}, overrides: AadstsOverrides = {}): EntraError {
  const entry: AadstsEntry = AADSTS[code];
  const message = entry.message.replace(/\{(\w+)\}/g, (_, name: string) => details[name] ?? `{${name}}`);
  const suberror = overrides.suberror === undefined ? entry.suberror : (overrides.suberror ?? undefined);
  const claims = overrides.claims ?? entry.claims;
  const retryAfterSeconds = overrides.retryAfterSeconds ?? entry.retryAfterSeconds;
  return new EntraError({
    error: entry.error,
    message: `AADSTS${String(code)}: ${message}`,
    aadsts: code,
    ...(entry.status === undefined ? {} : { status: entry.status }),
    ...(suberror === undefined ? {} : { suberror }),
    ...(claims === undefined ? {} : { claims }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** Device flow refusals that Entra's documentation lists without a number. */
export function deviceFlowError(error: 'authorization_declined' | 'slow_down'): EntraError {
  const message =
    error === 'slow_down'
      ? 'OAuth 2.0 device flow error. Polling too often, slow down.'
      : 'OAuth 2.0 device flow error. The end user declined the authorization request.';
  return new EntraError({ error, message });
}

export interface EntraErrorBody {
  error: string;
  error_description: string;
  error_codes?: number[];
  timestamp: string;
  trace_id: string;
  correlation_id: string;
  error_uri?: string;
  suberror?: string;
  claims?: string;
}

/** The JSON document of a refusal, as the token and device code endpoints answer it. */
export function errorBody(error: EntraError, origin: string, correlationId: string): EntraErrorBody {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const traceId = randomUUID();
  return {
    error: error.error,
    error_description: `${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    ...(error.aadsts === undefined ? {} : { error_codes: [error.aadsts] }),
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    ...(error.aadsts === undefined ? {} : { error_uri: `${origin}/error?code=${String(error.aadsts)}` }),
    ...(error.suberror === undefined ? {} : { suberror: error.suberror }),
    ...(error.claims === undefined ? {} : { claims: error.claims }),
  };
}
