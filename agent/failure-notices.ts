// Tells an operator of calls that fail for a reason to mend: once per server and reason in ten minutes, with how many there were.
import type { Clock } from '../shared/clock.ts';
import { accountCodes, type ErrorCode } from '../shared/errors/error-code.ts';
import type { Logger } from './logger.ts';

/** Not those that the caller mends, that mend themselves, or that the tool means. */
const actionable: ReadonlySet<string> = new Set<ErrorCode>([
  ...accountCodes,
  'throttled',
  'server_unavailable',
  'internal',
]);

const intervalMs = 600_000;
/** Servers change while an agent runs for months. */
const maxKnown = 1_000;

export interface FailedCall {
  server: string;
  outcome: string;
  /** What to do, in our own words. */
  action: string | undefined;
  /** The far server's own id of the request. */
  requestId: string | undefined;
}

export class FailureNotices {
  readonly #clock: Clock;
  /** When it was told last, and how many came since. */
  readonly #told = new Map<string, { at: number; since: number }>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  failed({ server, outcome, action, requestId }: FailedCall, logger: Logger): void {
    if (!actionable.has(outcome)) return;
    const key = JSON.stringify([server, outcome]);
    const now = this.#clock.now();
    const last = this.#told.get(key);
    if (last !== undefined && now - last.at < intervalMs) {
      last.since++;
      return;
    }
    if (this.#told.size >= maxKnown) this.#told.clear();
    this.#told.set(key, { at: now, since: 0 });
    logger.warn(
      'A call failed for a reason that an operator can mend; told once in ten minutes per server and reason.',
      {
        outcome,
        ...(action !== undefined && { action }),
        ...(requestId !== undefined && { requestId }),
        ...(last !== undefined && last.since > 0 && { untold: last.since }),
      },
    );
  }
}
