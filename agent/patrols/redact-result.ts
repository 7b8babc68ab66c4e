// A result of a tool as it may be kept and told of a patrol: nobody was there to judge what a tool says. It knows no tool.
import { redact } from '../../shared/redaction.ts';

/** Masks what looks like a credential in every text. Unlike `redactValue` it cuts nothing. Throws RangeError for what is nested too deep. */
export function redactResult(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactResult);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactResult(member)]));
}
