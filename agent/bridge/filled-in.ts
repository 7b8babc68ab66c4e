// Remembers what variables brought into an entry of mcp.json, so that it can be taken out of what a server says.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** No credential, and it says which tenant's server it is. */
const publicVariables: ReadonlySet<string> = new Set(['WORKIQ_TENANT_ID']);
/** Shorter values are words that stand in any text. */
const shortest = 6;

export class FilledIn {
  readonly #values = new Set<string>();

  /** The same look-up, whose values are remembered. */
  watch(lookup: (name: string) => string | undefined): (name: string) => string | undefined {
    return (name) => {
      const value = lookup(name);
      if (value !== undefined && value.length >= shortest && !publicVariables.has(name)) {
        for (const form of [value, encodeURIComponent(value), encodeURI(value)]) this.#values.add(form);
      }
      return value;
    };
  }

  /** What is part of `text` is no secret: the host of the server. */
  allow(text: string): void {
    for (const value of this.#values) if (text.includes(value)) this.#values.delete(value);
  }

  /** The same error when it repeats nothing. */
  maskIn(error: RockBotError): RockBotError {
    const message = this.mask(error.message);
    if (message === error.message) return error;
    return error.with({ message });
  }

  mask(text: string): string {
    let masked = text;
    for (const value of this.#values) masked = masked.replaceAll(value, '[redacted]');
    return masked;
  }
}
