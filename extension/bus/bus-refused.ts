// The error for a bus that does not take a user's credentials, or wants some, told apart from whatever else is forbidden.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export class BusRefusedError extends RockBotError {
  static override readonly kind = 'BusRefusedError';
  /** False when none were given. */
  readonly hasCredentials: boolean;

  constructor({
    hasCredentials,
    ...options
  }: {
    hasCredentials: boolean;
    message: string;
    action: string;
    cause?: unknown;
  }) {
    super({ code: 'forbidden', ...options });
    this.name = 'BusRefusedError';
    this.hasCredentials = hasCredentials;
  }
}
