// The error for a bus or an agent that does not answer, so that callers can tell it from what an agent answered.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export class BusUnreachableError extends RockBotError {
  static override readonly kind = 'BusUnreachableError';

  constructor(options: {
    message: string;
    action: string;
    code?: 'server_unavailable' | 'timeout';
    retryable?: boolean;
    cause?: unknown;
  }) {
    super({ code: 'server_unavailable', ...options });
    this.name = 'BusUnreachableError';
  }
}
