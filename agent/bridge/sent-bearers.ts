// Remembers the bearers that servers were sent and takes them out of what they say: none must be able to have them repeated to
// callers, events and logs (promise P6). It knows no message and no token provider.

/** Of one profile: what a server was sent in one session, or under one entry, it can repeat in the next. */
const maxRemembered = 16;
const mask = '[redacted]';

export class SentBearers {
  readonly #bearers: string[] = [];

  remember(bearer: string): void {
    if (this.#bearers.includes(bearer)) return;
    this.#bearers.push(bearer);
    if (this.#bearers.length > maxRemembered) this.#bearers.shift();
  }

  mask(text: string): string {
    let masked = text;
    for (const bearer of this.#bearers) masked = withoutBearer(masked, bearer);
    return masked;
  }

  occurIn(bytes: Buffer): boolean {
    return this.#bearers.some((bearer) => bytes.includes(bearer));
  }

  /** Holds nothing back but what may be the beginning of a bearer. */
  maskStream(): TransformStream<Uint8Array, Uint8Array> {
    // Bearers are ASCII, so that bytes can be looked at as they are, wherever a chunk ends.
    let rest = '';
    const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
    return new TransformStream({
      transform: (chunk, controller) => {
        const text = this.mask(rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1'));
        const end = Math.min(...this.#bearers.map((bearer) => beginningAt(text, bearer)), text.length);
        rest = text.slice(end);
        if (end > 0) controller.enqueue(bytes(text.slice(0, end)));
      },
      flush(controller) {
        if (rest !== '') controller.enqueue(bytes(rest));
      },
    });
  }
}

function withoutBearer(text: string, bearer: string): string {
  return bearer !== '' && text.includes(bearer) ? text.replaceAll(bearer, mask) : text;
}

/** Where the end of `text` begins that `bearer` may go on from; the length of `text` when there is none. */
function beginningAt(text: string, bearer: string): number {
  const first = bearer.slice(0, 1);
  for (
    let at = text.indexOf(first, Math.max(0, text.length - bearer.length + 1));
    at >= 0;
    at = text.indexOf(first, at + 1)
  )
    if (bearer.startsWith(text.slice(at))) return at;
  return text.length;
}
