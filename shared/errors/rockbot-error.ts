// The one error class of the product; it carries what a person or a program needs to go on.
import { isRetryableCode, type ErrorCode, type RefusalReason } from './error-code.ts';

export interface RockBotErrorOptions {
  code: ErrorCode;
  /** Plain words for a person; never holds a secret. */
  message: string;
  /** What to do next, as an instruction. */
  action?: string | undefined;
  /** Only for `handoff_refused`. */
  reason?: RefusalReason | undefined;
  /** Milliseconds to wait before trying again. */
  retryAfterMs?: number | undefined;
  /** The far server's own id of the request, for its support. */
  requestId?: string | undefined;
  /** Defaults to what the code says; false for a call that may have had side effects. */
  retryable?: boolean | undefined;
  /** The refused tool result, when the far server sent one that explains more. */
  result?: unknown;
  cause?: unknown;
}

export class RockBotError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly action: string | undefined;
  readonly reason: RefusalReason | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly result: unknown;

  constructor(options: RockBotErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RockBotError';
    this.code = options.code;
    this.retryable = options.retryable ?? isRetryableCode(options.code);
    this.action = options.action;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
    this.result = options.result;
  }
}
