// The end of a sign-in whose agent is no longer the one of this window; it says what is true of what was sent.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export class AgentLeft extends RockBotError {
  static override readonly kind = 'AgentLeft';
  readonly wasSent: boolean;

  constructor({ wasSent }: { wasSent: boolean }) {
    super({
      code: 'cancelled',
      message: wasSent
        ? 'The agent was changed after the sign-in was sent; whether the one before took it, its own state says.'
        : 'The agent was changed while the sign-in ran; it was ended, nothing was sent.',
    });
    this.name = 'AgentLeft';
    this.wasSent = wasSent;
  }
}
