// W3C trace context: reads, makes and continues `traceparent` and `tracestate`. Source: https://www.w3.org/TR/trace-context/
import { redact } from './redaction.ts';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits: the span that the next one is a child of. */
  spanId: string;
  /** Two hexadecimal digits; the lowest bit says that the caller records the trace. */
  flags: string;
}

/** A later version may be longer than this one; what follows is not known and not looked at. */
const pattern = /^(?:00-(?=.{52}$)|(?!00|ff)[0-9a-f]{2}-)([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;
const zeros = /^0+$/;

/** Undefined when it is absent or malformed: then a new trace begins. */
export function parseTraceparent(value: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = (value === undefined ? null : pattern.exec(value)) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return zeros.test(traceId) || zeros.test(spanId) ? undefined : { traceId, spanId, flags };
}

/** A trace of its own that nobody is known to record. */
export function newTrace(): TraceContext {
  return { traceId: randomHex(32), spanId: randomHex(16), flags: '00' };
}

export function traceparentOf({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

/** A new span of the parent's trace, or of a new trace when the parent is absent or malformed. */
export function childTraceparent(parent?: string): string {
  const { traceId, flags } = parseTraceparent(parent) ?? { traceId: randomHex(32), flags: '01' };
  return traceparentOf({ traceId, spanId: randomHex(16), flags });
}

/** Longest `tracestate` that is passed on, in characters; the standard asks for at least as much. */
export const maxTracestateLength = 512;
/** Longer ones are not looked at. */
const maxIncomingLength = 4_096;

const entryPattern = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * The list as it may be passed on: whole entries from its beginning, as many as there is room for. Undefined when it is malformed,
 * or holds what looks like a credential.
 */
export function cleanTracestate(value: string | undefined): string | undefined {
  if (value === undefined || value.length > maxIncomingLength || redact(value) !== value) return undefined;
  let clean = '';
  for (const part of value.split(',')) {
    const entry = part.trim();
    if (entry === '') continue;
    if (!entryPattern.test(entry)) return undefined;
    const longer = clean === '' ? entry : `${clean},${entry}`;
    if (longer.length > maxTracestateLength) break;
    clean = longer;
  }
  return clean === '' ? undefined : clean;
}

/**
 * Random hexadecimal digits, at most 32: those of a UUID, of which runtimes keep some in store, while asking the system for
 * random bytes costs more than all else in a message's metadata. The last 16 hold 62 random bits and are never all zero.
 */
function randomHex(digits: 16 | 32): string {
  return crypto.randomUUID().replaceAll('-', '').slice(-digits);
}
