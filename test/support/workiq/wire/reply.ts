// Writes one MCP answer: JSON or server-sent events, with notifications before the result when the caller wants them.
import type { ServerResponse } from 'node:http';
import { encode, serverSentEvent, type Dialect } from './framing.ts';

export class Reply {
  readonly response: ServerResponse;
  readonly #framing: 'json' | 'sse';
  readonly #dialect: Dialect;
  readonly #headers: Record<string, string> = {};

  constructor(options: { response: ServerResponse; framing: 'json' | 'sse'; dialect: Dialect }) {
    this.response = options.response;
    this.#framing = options.framing;
    this.#dialect = options.dialect;
  }

  setHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  /** Opens the event stream if need be; the result then follows on it, whatever the framing. */
  notify(notification: object): void {
    this.#openStream();
    this.response.write(serverSentEvent(encode(notification, this.#dialect)));
  }

  send(message: object): void {
    this.sendRaw(encode(message, this.#dialect));
  }

  /** `json` need not be valid. */
  sendRaw(json: string): void {
    if (this.#framing === 'sse' || this.response.headersSent) {
      this.#openStream();
      this.response.end(serverSentEvent(json));
      return;
    }
    const body = Buffer.from(json);
    this.response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(body.length),
      ...this.#headers,
    });
    this.response.end(body);
  }

  /** Sends about half of the answer and cuts the connection. */
  breakOff(message: object): void {
    const json = encode(message, this.#dialect);
    const whole = this.#framing === 'sse' ? serverSentEvent(json) : json;
    if (this.#framing === 'sse') this.#openStream();
    else
      this.response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(json)),
      });
    this.response.write(whole.slice(0, Math.floor(whole.length / 2)), () => this.response.destroy());
  }

  /** A cancelled call gets no result; the stream just ends. */
  endWithoutResult(): void {
    this.#openStream();
    this.response.end();
  }

  sendHttp(status: number, body: string | object = '', headers: Record<string, string> = {}): void {
    const isText = typeof body === 'string';
    const text = isText ? body : JSON.stringify(body);
    this.response.writeHead(status, {
      ...(text ? { 'content-type': isText ? 'text/plain' : 'application/json' } : {}),
      'content-length': String(Buffer.byteLength(text)),
      ...headers,
    });
    this.response.end(text);
  }

  #openStream(): void {
    if (this.response.headersSent) return;
    this.response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-store',
      ...this.#headers,
    });
  }
}
