// W3C trace context: makes and continues `traceparent` values. Source: https://www.w3.org/TR/trace-context/

const pattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;

function randomHex(bytes: number): string {
  let hex = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** A new span of the parent's trace, or of a new trace when the parent is absent or malformed. */
export function childTraceparent(parent?: string): string {
  const match = parent === undefined ? null : pattern.exec(parent);
  const traceId = match?.[1] !== undefined && !/^0+$/.test(match[1]) ? match[1] : randomHex(16);
  return `00-${traceId}-${randomHex(8)}-${match?.[3] ?? '01'}`;
}
