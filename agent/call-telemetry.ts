// What becomes of one call, told to log, metrics and trace in step: its lines share the call's id, so that one search tells its
// story. It holds no arguments and no results.
import { RockBotError } from '../shared/errors/rockbot-error.ts';
import type { CallObserver, HttpRequest, RetryReason, Sending } from './bridge/call-observer.ts';
import type { FailureNotices } from './failure-notices.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { CallTrace, IncomingTrace, RequestTrace, Tracing } from './tracing.ts';

export interface CallTelemetryOptions {
  tracing: Pick<Tracing, 'startCall'>;
  metrics: Pick<Metrics, 'callRetried'>;
  notices: Pick<FailureNotices, 'failed'>;
  logger: Logger;
  /** Lines of level debug are kept; they are not made otherwise. */
  isVerbose: boolean;
}

export interface ReceivedCall extends IncomingTrace {
  callId: string;
  server: string | undefined;
  tool: string;
  /** The caller as it names itself. */
  caller: string;
  correlationId: string | undefined;
}

export interface CallEnd {
  /** `ok`, `partial` or an error code. */
  outcome: string;
  /** Milliseconds. */
  durationMs: number;
  isKnownTool: boolean;
  error?: { action?: string | undefined; requestId?: string | undefined } | undefined;
}

export class CallTelemetry implements CallObserver {
  readonly #options: CallTelemetryOptions;
  readonly #call: ReceivedCall;
  readonly #trace: CallTrace;
  readonly #started = performance.now();
  /** The one that was asked for, or was found. */
  #server: string;
  #sendings = 0;

  constructor(call: ReceivedCall, options: CallTelemetryOptions) {
    this.#options = options;
    this.#call = call;
    this.#server = call.server ?? '';
    this.#trace = options.tracing.startCall(call.callId, call);
    this.#debug('A call was received.', () => ({ correlationId: call.correlationId }));
  }

  get traceId(): string {
    return this.#trace.traceId;
  }

  get server(): string {
    return this.#server;
  }

  get logger(): Logger {
    const { logger } = this.#options;
    const named =
      (level: keyof Logger): Logger[keyof Logger] =>
      (message, fields) => {
        logger[level](message, { ...this.#facts(), ...fields });
      };
    return { debug: named('debug'), info: named('info'), warn: named('warn'), error: named('error') };
  }

  found(server: string): void {
    this.#server = server;
  }

  queued({ running, waiting }: { running: number; waiting: number }): void {
    this.#debug('The call waits for its turn.', () => ({ running, waiting }));
  }

  retried(reason: RetryReason): void {
    this.#options.metrics.callRetried({ server: this.#server, reason });
    this.#debug('The call is sent once more.', () => ({ reason }));
  }

  sending(http?: HttpRequest): Sending {
    const request = this.#trace.request(http);
    const attempt = ++this.#sendings;
    this.#debug('The call is sent.', () => ({ attempt, elapsedMs: this.#elapsed() }));
    const end = (result: Parameters<RequestTrace['end']>[0]): void => {
      request.end(result);
      this.#debug('The server answered, or did not.', () => ({ attempt, ...result, elapsedMs: this.#elapsed() }));
    };
    return {
      headers: request.headers,
      answered: (status) => {
        end({ status });
      },
      failed: (error) => {
        end({ errorType: errorType(error) });
      },
    };
  }

  finished({ outcome, durationMs, isKnownTool, error }: CallEnd): void {
    const server = this.#server;
    this.#trace.end({ server, tool: this.#call.tool, outcome, isKnownTool });
    this.#debug('The call was answered.', () => ({ outcome, durationMs, requestId: error?.requestId }));
    if (error === undefined) return;
    const { action, requestId } = error;
    this.#options.notices.failed({ server, outcome, action, requestId }, this.logger);
  }

  #debug(message: string, more: () => Record<string, unknown>): void {
    if (this.#options.isVerbose) this.#options.logger.debug(message, { ...this.#facts(), ...more() });
  }

  #facts(): Record<string, unknown> {
    const { callId, tool, caller } = this.#call;
    return { callId, traceId: this.traceId, server: this.#server, tool, caller };
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#started);
  }
}

/** Our own code, or the system's; never a message. */
function errorType(error: unknown): string {
  if (error instanceof RockBotError) return error.code;
  const { cause } = error as { cause?: { code?: unknown } | null };
  const code = cause?.code;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'connection_lost';
}
