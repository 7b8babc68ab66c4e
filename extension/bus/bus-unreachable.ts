// The error for a bus or an agent that does not answer, so that callers can tell it from what an agent answered.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** What a front end has words of its own for, since its people name buses and agents in another place. */
export type BusTrouble = 'no_bus_set' | 'no_bus_here' | 'untrusted' | 'no_agent';

export class BusUnreachableError extends RockBotError {
  static override readonly kind = 'BusUnreachableError';
  readonly trouble: BusTrouble | undefined;

  constructor(options: {
    message: string;
    action: string;
    trouble?: BusTrouble | undefined;
    code?: 'server_unavailable' | 'timeout';
    retryable?: boolean;
    cause?: unknown;
  }) {
    super({ code: 'server_unavailable', ...options });
    this.name = 'BusUnreachableError';
    this.trouble = options.trouble;
  }
}
