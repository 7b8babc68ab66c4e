// HTTP's Retry-After. Source: RFC 9110 10.2.3.

/** Milliseconds; nobody is told to wait longer than a day, or to come back at once. */
export const longestWaitMs = 86_400_000;
const shortestWaitMs = 100;

/** IMF-fixdate, the two obsolete forms of RFC 9110 5.6.7, and ISO 8601, which some services send. */
const dateForm =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w: -]{16,30}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))$/i;

/**
 * `Retry-After` in seconds or as an HTTP date, as milliseconds from now within these bounds. Undefined for what is neither, and
 * for a time that has passed: then the usual wait is right.
 */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return boundedWait(Number(text) * 1000);
  // The form of asctime names no zone; all of them are GMT.
  const date = /(?:GMT|Z|[+-]\d{2}:\d{2})$/i.test(text) ? text : `${text} GMT`;
  const wait = dateForm.test(text) ? Date.parse(date) - now : Number.NaN;
  return wait > 0 ? boundedWait(wait) : undefined;
}

/** A wait that somebody else names, within bounds. */
function boundedWait(milliseconds: number): number {
  return Math.min(Math.max(milliseconds, shortestWaitMs), longestWaitMs);
}
