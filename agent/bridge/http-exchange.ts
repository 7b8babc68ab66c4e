// One HTTP request over undici, the POST of a JSON-RPC request or the GET that takes its event stream up again: a JSON reply in one
// buffer, or the events of an SSE reply as they come. It knows no bearer and no MCP session.
import type { Dispatcher } from 'undici';
import { createParser } from 'eventsource-parser';
import type { AnswerRoom } from './answer-memory.ts';

/** Bytes kept free before a JSON reply, so that the head of another message can be written there without copying it. */
export const headRoom = 512;

/** How far an event stream has come, for taking it up again. */
export interface StreamPosition {
  /** Id of the last event that had one. */
  lastEventId?: string | undefined;
  /** Milliseconds that the server wants to be left alone before. */
  retryMs?: number | undefined;
}

export interface ExchangeOptions {
  /** POST when left out. */
  method?: 'GET' | 'POST';
  dispatcher: Dispatcher;
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  signal: AbortSignal;
  /** Largest reply in bytes. */
  maxBytes: number;
  /** Nothing is read that it has no room for. */
  room?: Pick<AnswerRoom, 'reserve'> | undefined;
  /** Data of each SSE event; return true when nothing more is wanted. */
  onEvent: (data: string) => boolean;
  /** Kept up to date with the stream. */
  position?: StreamPosition;
}

export interface ExchangeReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The body of a reply that is no event stream: `bytes` from `headRoom` to `end`. */
  bytes: Buffer;
  end: number;
  isEventStream: boolean;
}

/** Of a header that came several times, the first. */
export function replyHead({ status, headers }: ExchangeReply): {
  status: number;
  header: (name: string) => string | undefined;
} {
  return { status, header: (name) => [headers[name]].flat()[0] };
}

/** A reply or a message is larger than the agent takes. */
export class ReplyTooLargeError extends Error {
  readonly maxBytes: number;

  constructor(maxBytes = 64 * 1024 * 1024) {
    super(`It is larger than ${maxBytes} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/** Rejects with the signal's reason, with ReplyTooLargeError, or with undici's error when there was no whole reply. */
export function httpExchange(options: ExchangeOptions): Promise<ExchangeReply> {
  return new Promise((resolve, reject) => {
    const { dispatcher, url, method = 'POST', headers, body, signal } = options;
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const handler = new ExchangeHandler(options, resolve, reject);
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body,
        // The call's own signal bounds the wait.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      handler,
    );
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #resolve: (reply: ExchangeReply) => void;
  readonly #reject: (error: Error) => void;
  readonly #onAbort: () => void;
  readonly #reply: ExchangeReply = {
    status: 0,
    headers: {},
    bytes: Buffer.alloc(0),
    end: headRoom,
    isEventStream: false,
  };
  #controller: Dispatcher.DispatchController | undefined;
  #feed: ((chunk: Buffer) => void) | undefined;
  #received = 0;
  /** Bytes of what is in memory now: of the reply, or of the event that is not complete. */
  #inMemory = 0;
  /** Bytes that there is room for. */
  #reserved = 0;
  #settled = false;

  constructor(options: ExchangeOptions, resolve: (reply: ExchangeReply) => void, reject: (error: Error) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onAbort = () => {
      const reason = options.signal.reason as Error;
      this.#controller?.abort(reason);
      this.#settle(() => {
        reject(reason);
      });
    };
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#options.signal.aborted) controller.abort(this.#options.signal.reason as Error);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    const reply = this.#reply;
    const length = Number(headers['content-length'] ?? 0) || 0;
    reply.status = status;
    reply.headers = headers;
    reply.isEventStream =
      status === 200 && /^text\/event-stream(?:[;\s]|$)/i.test(String(headers['content-type'] ?? ''));
    if (reply.isEventStream) this.#feed = this.#createFeed();
    else if (length > this.#options.maxBytes) controller.abort(tooLarge(this.#options));
    else {
      // Memory that nothing was written to is not taken from the system yet.
      reply.bytes = Buffer.allocUnsafe(headRoom + (length || 8_192) + 1);
      this.#reserve(controller, length);
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > this.#options.maxBytes) {
      controller.abort(tooLarge(this.#options));
      return;
    }
    this.#inMemory += chunk.length;
    if (this.#feed !== undefined) this.#feed(chunk);
    else this.#append(chunk);
    if (this.#inMemory > this.#reserved)
      this.#reserve(controller, Math.min(this.#inMemory * 2, this.#options.maxBytes));
  }

  onResponseEnd(): void {
    this.#settle(() => {
      this.#resolve(this.#reply);
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(() => {
      this.#reject(error);
    });
  }

  /** The one chunk that has come already is kept; the server is left waiting with the next ones. */
  #reserve(controller: Dispatcher.DispatchController, bytes: number): void {
    this.#reserved = bytes;
    const waiting = this.#options.room?.reserve(bytes);
    if (waiting === undefined) return;
    controller.pause();
    void waiting.then(() => {
      if (!this.#settled) controller.resume();
    });
  }

  #append(chunk: Buffer): void {
    const reply = this.#reply;
    const end = reply.end + chunk.length;
    // One byte is kept free at the end as well, for closing the message that is built around the reply.
    if (end >= reply.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(reply.bytes.length * 2, end + 1));
      reply.bytes.copy(grown, 0, 0, reply.end);
      reply.bytes = grown;
    }
    reply.bytes.set(chunk, reply.end);
    reply.end = end;
  }

  #createFeed(): (chunk: Buffer) => void {
    const decoder = new TextDecoder();
    const { position = {} } = this.#options;
    const parser = createParser({
      onRetry: (retryMs) => {
        position.retryMs = retryMs;
      },
      onEvent: ({ id, data }) => {
        this.#inMemory = 0;
        if (id !== undefined) position.lastEventId = id === '' ? undefined : id;
        if (this.#settled || data === '' || !this.#options.onEvent(data)) return;
        this.#settle(() => {
          this.#resolve(this.#reply);
        });
        this.#controller?.abort(new Error('The reply is complete.'));
      },
    });
    return (chunk) => {
      parser.feed(decoder.decode(chunk, { stream: true }));
    };
  }

  #settle(finish: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    finish();
  }
}

function tooLarge({ maxBytes }: ExchangeOptions): ReplyTooLargeError {
  return new ReplyTooLargeError(maxBytes);
}
