// W3C trace context: makes and continues `traceparent` values. Source: https://www.w3.org/TR/trace-context/

const pattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;

/**
 * Random hexadecimal digits, at most 32: those of a UUID, of which runtimes keep some in store, while asking the system for
 * random bytes costs more than all else in a message's metadata. The last 16 hold 62 random bits and are never all zero.
 */
function randomHex(digits: 16 | 32): string {
  return crypto.randomUUID().replaceAll('-', '').slice(-digits);
}

/** A new span of the parent's trace, or of a new trace when the parent is absent or malformed. */
export function childTraceparent(parent?: string): string {
  const match = parent === undefined ? null : pattern.exec(parent);
  const traceId = match?.[1] !== undefined && !/^0+$/.test(match[1]) ? match[1] : randomHex(32);
  return `00-${traceId}-${randomHex(16)}-${match?.[3] ?? '01'}`;
}
