// The error of whatever waits on a connection to the bus that this program closes.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** `cancelled`, since nobody who was asked failed; of requests that may have been carried out, see `busLeft`. */
export class BusClosed extends RockBotError {
  static override readonly kind = 'BusClosed';

  constructor() {
    super({ code: 'cancelled', message: 'The connection to the bus was closed.' });
    this.name = 'BusClosed';
  }
}
