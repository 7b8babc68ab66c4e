// Logs why requests to Microsoft Entra fail: each at debug, and a warning when the cause is another than before. It never
// sees a token.
import type { Logger } from '../logger.ts';

export interface FailedExchange {
  host: string;
  /** HTTP status, when there was an answer. */
  status?: number | undefined;
  /** Of the system, OpenSSL or undici, when there was none. */
  code?: string | undefined;
  /** OAuth's word and Entra's own number for it. */
  error?: string | undefined;
  aadsts?: string | undefined;
  /** What Microsoft's support finds the request by. */
  correlationId?: string | undefined;
}

export interface EntraLog {
  failed(exchange: FailedExchange): void;
  /** A token came. */
  succeeded(): void;
}

export function createEntraLog(logger: Pick<Logger, 'debug' | 'info' | 'warn'>): EntraLog {
  let lastCause: string | undefined;
  return {
    failed(exchange) {
      logger.debug('A request to Microsoft Entra failed.', { ...exchange });
      const { correlationId: _correlationId, ...about } = exchange;
      const cause = JSON.stringify(about);
      if (cause === lastCause) return;
      lastCause = cause;
      logger.warn('Requests to Microsoft Entra fail.', { ...exchange });
    },
    succeeded() {
      if (lastCause !== undefined) logger.info('Microsoft Entra answers again.');
      lastCause = undefined;
    },
  };
}
