// What the bridge tells about a call on its way, for whoever logs, counts and traces it.
import type { Logger } from '../logger.ts';

/** Why a call is sent once more: the server's own code, a refused bearer, a forgotten session, a lost answer. */
export type RetryReason = 'throttled' | 'server_unavailable' | 'unauthorized' | 'session_lost' | 'answer_lost';

export interface CallObserver {
  /** Names the call in every line. */
  readonly logger: Logger;
  /** The server was found. */
  found(server: string): void;
  /** It waits for its turn. */
  queued(queue: { running: number; waiting: number }): void;
  retried(reason: RetryReason): void;
  /** One request of the call begins; without a request of HTTP where the transport is another. */
  sending(request?: HttpRequest): Sending;
}

export interface HttpRequest {
  url: URL;
  method: string;
}

export interface Sending {
  /** `traceparent` and `tracestate` for the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** HTTP status, where there is one. */
  answered(status?: number): void;
  failed(error: unknown): void;
}
