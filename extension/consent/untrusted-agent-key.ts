// The refusal of an agent's key by this side, with what to ask the agent's operator; the same question again leads nowhere.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export interface UntrustedKey {
  agent: string;
  /** Fingerprint or key id that was expected; undefined for an agent that nothing is known of. */
  expected: string | undefined;
  offered: string;
}

export class UntrustedAgentKey extends RockBotError {
  static override readonly kind = 'UntrustedAgentKey';
  /** To be sent to the operator as it is. */
  readonly question: string;
  /** No other key was expected: it was not trusted, and that is all. */
  readonly isFirst: boolean;

  constructor({ agent, expected, offered, message, action }: UntrustedKey & { message: string; action: string }) {
    const isFirst = expected === undefined;
    super(
      isFirst
        ? { code: 'cancelled', message, action }
        : { code: 'handoff_refused', reason: 'unreadable', message, action },
    );
    this.name = 'UntrustedAgentKey';
    this.isFirst = isFirst;
    this.question = (
      isFirst
        ? [`The RockBot agent "${agent}" shows this key, and I have not signed in yet:`, offered, 'Is it its own?']
        : [
            `The RockBot agent "${agent}" shows another key than before, so I did not sign in.`,
            `Before: ${expected}`,
            `Now: ${offered}`,
            'Did you renew its key? If not, something else answers in its place.',
          ]
    ).join('\n');
  }
}
