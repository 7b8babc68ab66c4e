// Errors as they travel: the schema, and the only two functions that cross between local errors and the wire.
import * as z from 'zod';
import { redact } from '../redaction.ts';
import { longestWaitMs } from '../retry-after.ts';
import { errorCodes, errorReasons, type ErrorCode, type ErrorReason } from './error-code.ts';
import { RockBotError } from './rockbot-error.ts';

export const wireErrorSchema = z.object({
  code: z.enum(errorCodes).or(z.string()),
  message: z.string(),
  retryable: z.boolean(),
  action: z.string().optional(),
  reason: z.enum(errorReasons).or(z.string()).optional(),
  retryAfterMs: z.number().nonnegative().optional(),
  requestId: z.string().optional(),
  result: z.unknown().optional(),
  problems: z.array(z.string()).optional(),
  inputSchema: z.record(z.string(), z.unknown()).optional(),
});

export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  action?: string;
  reason?: ErrorReason;
  retryAfterMs?: number;
  requestId?: string;
  result?: unknown;
  /** What is missing or mistyped in the arguments of a call. */
  problems?: string[];
  /** JSON Schema of the arguments that the tool takes. */
  inputSchema?: Record<string, unknown>;
}

/**
 * Turns anything thrown into what may be sent. A cause that is no RockBotError becomes `internal` without any detail,
 * since its text was not written for the far side.
 */
export function toWireError(error: unknown): WireError {
  if (!(error instanceof RockBotError)) {
    return {
      code: 'internal',
      message: 'The agent failed to handle this request.',
      retryable: false,
      action: "Look at the agent's log for this request id.",
    };
  }
  return {
    code: error.code,
    message: redact(error.message),
    retryable: error.retryable,
    ...(error.action !== undefined && { action: redact(error.action) }),
    ...(error.reason !== undefined && { reason: error.reason }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: toldWait(error.retryAfterMs) }),
    ...(error.requestId !== undefined && { requestId: error.requestId }),
    ...(error.result !== undefined && { result: error.result }),
    ...(error.problems !== undefined && { problems: error.problems.map((problem) => redact(problem)) }),
    ...(error.inputSchema !== undefined && { inputSchema: error.inputSchema }),
  };
}

/** Servers name times, too: no caller is told to wait for years. */
function toldWait(milliseconds: number): number {
  return Math.max(0, Math.round(Math.min(milliseconds, longestWaitMs)));
}

const knownCodes: ReadonlySet<string> = new Set(errorCodes);

/** Rebuilds the local error of a reply; a code from a newer agent reads as `internal` with its message kept. */
export function fromWireError(error: z.infer<typeof wireErrorSchema>): RockBotError {
  const code = knownCodes.has(error.code) ? (error.code as ErrorCode) : 'internal';
  const reason = errorReasons.find((known) => known === error.reason);
  return new RockBotError({ ...error, code, reason });
}
