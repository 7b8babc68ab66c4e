// The refusal of an agent's key by this side, with what to ask the agent's operator; the same question again leads nowhere.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export interface UntrustedKey {
  agent: string;
  /** Fingerprint or key id that was expected. */
  expected: string;
  offered: string;
}

export class UntrustedAgentKey extends RockBotError {
  static override readonly kind = 'UntrustedAgentKey';
  /** To be sent to the operator as it is. */
  readonly question: string;

  constructor({ agent, expected, offered, message, action }: UntrustedKey & { message: string; action: string }) {
    super({ code: 'handoff_refused', reason: 'unreadable', message, action });
    this.name = 'UntrustedAgentKey';
    this.question = [
      `The RockBot agent "${agent}" shows another key than before, so I did not sign in.`,
      `Before: ${expected}`,
      `Now: ${offered}`,
      'Did you renew its key? If not, something else answers in its place.',
    ].join('\n');
  }
}
