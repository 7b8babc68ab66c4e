// Which of several findings decides: the worst severity, and what the first failure means; pure.
import type { Finding, FindingSeverity } from '../contract/check-messages.ts';

const ranks: Readonly<Record<FindingSeverity, number>> = { ok: 0, skipped: 0, note: 1, warning: 2, failed: 3 };

/** `ok`, `note`, `warning` or `failed`; what was not looked at counts for nothing. */
export function worstSeverity(findings: readonly Finding[]): Exclude<FindingSeverity, 'skipped'> {
  let worst: Exclude<FindingSeverity, 'skipped'> = 'ok';
  for (const { severity } of findings) if (severity !== 'skipped' && ranks[severity] > ranks[worst]) worst = severity;
  return worst;
}

/** Each builds on those before it, so the first failure is the likeliest cause of the others. */
export function firstFailure(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ severity }) => severity === 'failed');
}
