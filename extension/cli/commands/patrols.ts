// rockbot patrols: the contract has no patrols yet, and saying so is better than an unknown command.
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';

export function patrols(): never {
  throw new RockBotError({
    code: 'invalid_request',
    message: 'Patrols are not built in this version.',
    action: 'Call tools yourself with "rockbot tools call" until then.',
  });
}
