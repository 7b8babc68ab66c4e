// Finding about the key that the agent shows, against what is remembered or pinned here. It trusts none by itself.
import type { AgentPublicKey, AuthProfile } from '../../shared/contract/auth-messages.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { agentKeyFingerprint } from '../consent/agent-key.ts';

/** `by`: how it is known. */
export interface ExpectedKey {
  by: 'pin' | 'memory' | 'file';
  /** A fingerprint, or a key id. */
  key: string;
}

const ways: Readonly<Record<ExpectedKey['by'], string>> = {
  pin: 'is the pinned one',
  memory: 'is the same as before',
  file: 'is the one in the folder of the local agent',
};

export async function checkKey(
  { publicKey }: Pick<AuthProfile, 'publicKey'>,
  expected: (shown: AgentPublicKey) => Promise<ExpectedKey | undefined>,
): Promise<Finding> {
  try {
    const fingerprint = await agentKeyFingerprint(publicKey);
    const known = await expected(publicKey);
    if (known === undefined)
      return finding('agent.key', 'note', `${fingerprint} (not used yet)`, {
        action: 'Before the first sign-in compare it with the one that its operator names.',
      });
    if (known.key === fingerprint || known.key === publicKey.kid)
      return finding('agent.key', 'ok', `${fingerprint} ${ways[known.by]}.`);
    return finding('agent.key', 'failed', `The agent shows ${fingerprint} instead of ${known.key}.`, {
      fault: 'permission',
      action: 'Ask its operator whether the key was renewed, and do not sign in before you know.',
    });
  } catch (error) {
    if (!(error instanceof RockBotError)) throw error;
    return finding('agent.key', 'failed', error.message, { fault: 'permission', action: error.action });
  }
}
