// Sessions of the single endpoint, the open GET streams, and the calls that can still be cancelled.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { encode, serverSentEvent } from './framing.ts';

type Running = { session: string | undefined; id: string | number; controller: AbortController };

export class Sessions {
  /** The Authorization header that each session began with. */
  readonly #ids = new Map<string, string | undefined>();
  readonly #streams = new Map<ServerResponse, string | undefined>();
  readonly #running = new Set<Running>();

  create(authorization: string | undefined): string {
    const id = randomUUID();
    this.#ids.set(id, authorization);
    return id;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  beganWith(id: string, authorization: string | undefined): boolean {
    return this.#ids.get(id) === authorization;
  }

  get size(): number {
    return this.#ids.size;
  }

  get streams(): number {
    return this.#streams.size;
  }

  end(id: string): boolean {
    for (const [stream, session] of this.#streams) if (session === id) stream.end();
    return this.#ids.delete(id);
  }

  /** Forgets every session, as after a restart of the service; open streams are cut. Returns how many there were. */
  loseAll(): number {
    const lost = this.#ids.size;
    this.#ids.clear();
    this.closeStreams();
    return lost;
  }

  openStream(response: ServerResponse, session: string | undefined): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-store' });
    response.flushHeaders();
    this.#streams.set(response, session);
    response.once('close', () => this.#streams.delete(response));
  }

  closeStreams(): void {
    for (const stream of this.#streams.keys()) stream.destroy();
  }

  /** Sends a notification down every open stream. Returns how many got it. */
  notify(method: string, params?: Record<string, unknown>): number {
    const event = serverSentEvent(encode({ jsonrpc: '2.0', method, ...(params ? { params } : {}) }, 'plain'));
    for (const stream of this.#streams.keys()) stream.write(event);
    return this.#streams.size;
  }

  /** Registers a call until the returned function is called. */
  run(session: string | undefined, id: string | number, controller: AbortController): () => void {
    const running = { session, id, controller };
    this.#running.add(running);
    return () => this.#running.delete(running);
  }

  /** Without a session an id is ambiguous between clients, so it counts only when exactly one call has it. */
  cancel(session: string | undefined, id: unknown): boolean {
    const matching = [...this.#running].filter((running) => running.session === session && running.id === id);
    if (matching.length !== 1) return false;
    matching[0]?.controller.abort(new Error('Cancelled by the client.'));
    return true;
  }
}
