// Remembers what variables brought into an entry of mcp.json and takes it out of what a server says (promise P6).
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';
import { maskStrings } from './mask-strings.ts';

/** Shorter values are words that stand in any text. */
const shortest = 6;

export class ExpandedSecrets {
  /** The longest first: one may begin another, whose rest must not stay. */
  #values: readonly string[] = [];

  /** The same look-up, whose values are remembered. */
  watch(lookup: (name: string) => string | undefined): (name: string) => string | undefined {
    return (name) => {
      const value = lookup(name);
      // The tenant is no secret, and it says whose server it is.
      if (value !== undefined && value.length >= shortest && name !== tenantVariable) this.#remember(value);
      return value;
    };
  }

  /** What is part of `text` is no secret: the host of the server. */
  allow(text: string): void {
    this.#values = this.#values.filter((value) => !text.includes(value));
  }

  mask(text: string): string {
    let masked = text;
    for (const value of this.#values) if (masked.includes(value)) masked = masked.replaceAll(value, '[redacted]');
    return masked;
  }

  /** The same error when it repeats nothing; its cause is left as it is and goes nowhere. */
  maskIn(error: RockBotError): RockBotError {
    if (this.#values.length === 0) return error;
    const { message, action, requestId, result, problems, inputSchema } = error;
    const told = { message, action, requestId, result, problems, inputSchema };
    if (!this.#isRepeatedIn(told)) return error;
    return error.with(maskStrings(told, (text) => this.mask(text)) as typeof told);
  }

  #remember(value: string): void {
    // In addresses, and in JSON that is text: an error page may quote the request.
    const forms = [value, encodeURIComponent(value), encodeURI(value), JSON.stringify(value).slice(1, -1)];
    this.#values = [...new Set([...this.#values, ...forms])].toSorted((one, other) => other.length - one.length);
  }

  #isRepeatedIn(told: object): boolean {
    let isRepeated = false;
    maskStrings(told, (text) => {
      isRepeated ||= this.mask(text) !== text;
      return text;
    });
    return isRepeated;
  }
}
