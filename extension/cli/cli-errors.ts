// Errors that are about how the command was given, as opposed to what the agent or the bus answered.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** Wrong words on the command line. */
export class UsageError extends RockBotError {
  constructor(message: string, action: string) {
    super({ code: 'invalid_request', message, action });
    this.name = 'UsageError';
  }
}

/** A wrong environment variable, or a file it or an option names. */
export class ConfigurationError extends RockBotError {
  constructor(message: string, action: string, cause?: unknown) {
    super({ code: 'invalid_request', message, action, cause });
    this.name = 'ConfigurationError';
  }
}

export function cancelledByUser(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'Cancelled.' });
}
