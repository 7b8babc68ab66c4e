// The one error class of the product; it carries what a person or a program needs to go on.
import { isRetryableCode, type ErrorCode, type ErrorReason } from './error-code.ts';

export interface RockBotErrorOptions {
  code: ErrorCode;
  /** Plain words for a person; never holds a secret. */
  message: string;
  /** What to do next, as an instruction. */
  action?: string | undefined;
  /** Of `handoff_refused`, and `conflict` of an `invalid_request`. */
  reason?: ErrorReason | undefined;
  /** Milliseconds to wait before trying again. */
  retryAfterMs?: number | undefined;
  /** The far server's own id of the request, for its support. */
  requestId?: string | undefined;
  /** Defaults to what the code says; false for a call that may have had side effects. */
  retryable?: boolean | undefined;
  /** The refused tool result, when the far server sent one that explains more. */
  result?: unknown;
  /** What is missing or mistyped in the arguments of a call, in plain words. */
  problems?: readonly string[] | undefined;
  /** JSON Schema of the arguments that the tool takes, beside `problems`. */
  inputSchema?: Readonly<Record<string, unknown>> | undefined;
  cause?: unknown;
}

/**
 * Bundles that load each other have a copy of these classes each (see esbuild.mjs), and an error of one has to be known in
 * the other: so `instanceof` looks at names, of the classes that give themselves one.
 */
const kinds = Symbol.for('rockbot.errorKinds');

export class RockBotError extends Error {
  static readonly kind: string = 'RockBotError';

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, 'kind')) return Function.prototype[Symbol.hasInstance].call(this, value);
    const known: unknown = value instanceof Error ? Reflect.get(value, kinds) : undefined;
    return Array.isArray(known) && known.includes(this.kind);
  }

  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly action: string | undefined;
  readonly reason: ErrorReason | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly result: unknown;
  readonly problems: readonly string[] | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>> | undefined;

  constructor(options: RockBotErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RockBotError';
    Object.defineProperty(this, kinds, { value: ['RockBotError', new.target.kind] });
    this.code = options.code;
    this.retryable = options.retryable ?? isRetryableCode(options.code);
    this.action = options.action;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
    this.result = options.result;
    this.problems = options.problems;
    this.inputSchema = options.inputSchema;
  }

  /** The same error with other details; this one becomes its cause. */
  with(changes: Partial<RockBotErrorOptions>): RockBotError {
    const { code, message, action, reason, retryAfterMs, requestId, retryable, result, problems, inputSchema } = this;
    const details = {
      code,
      message,
      action,
      reason,
      retryAfterMs,
      requestId,
      retryable,
      result,
      problems,
      inputSchema,
    };
    return new RockBotError({ ...details, cause: this, ...changes });
  }
}
