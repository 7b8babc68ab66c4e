// Puts a reply together that came in several messages; bounded, and without any knowledge of NATS.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** Bounds of one reply. */
export const maxReplyParts = 1024;
export const maxReplyBytes = 64 * 1024 * 1024;

export class ReplyParts {
  readonly #parts = new Map<number, Uint8Array>();
  #count = 0;
  #bytes = 0;

  /**
   * Takes one part; `position` is its `rb-chunk` header (`{index}/{count}`), absent or empty for a reply in one piece.
   * Returns the whole reply once it is complete.
   * @throws RockBotError `payload_too_large`, or `internal` for parts that do not fit together
   */
  add(part: Uint8Array, position: string | undefined): Uint8Array | undefined {
    if (position === undefined || position === '') return part;
    const match = /^(\d{1,4})\/(\d{1,4})$/.exec(position);
    const [index, count] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || count === 0 || count > maxReplyParts || index >= count) throw malformed(position);
    if (this.#count !== 0 && this.#count !== count) throw malformed(position);
    this.#count = count;
    // The bus delivers at most once, but a repeated part is no harm.
    if (this.#parts.has(index)) return undefined;
    this.#bytes += part.length;
    if (this.#bytes > maxReplyBytes) throw tooLarge();
    this.#parts.set(index, part);
    return this.#parts.size === count ? this.#join() : undefined;
  }

  #join(): Uint8Array {
    const whole = new Uint8Array(this.#bytes);
    let offset = 0;
    for (let index = 0; index < this.#count; index += 1) {
      // All of them are there.
      const part = this.#parts.get(index) as Uint8Array;
      whole.set(part, offset);
      offset += part.length;
    }
    this.#parts.clear();
    return whole;
  }
}

function malformed(position: string): RockBotError {
  return new RockBotError({
    code: 'internal',
    message: `The parts of the agent's answer do not fit together (part "${position.slice(0, 32)}").`,
    action: 'Check that the agent and this program have matching versions.',
  });
}

function tooLarge(): RockBotError {
  return new RockBotError({
    code: 'payload_too_large',
    message: `The agent's answer is larger than ${maxReplyBytes / 1024 / 1024} MB.`,
    action: 'Ask for less, for example with a filter or a smaller page.',
  });
}
