// The fingerprint of the key that an agent shows, and the refusal of another one than before.
import { calculateJwkThumbprint } from 'jose';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/**
 * The key's fingerprint, computed here and not taken from the message.
 * @throws RockBotError `internal` when the key's id does not belong to it
 */
export async function agentKeyFingerprint(key: AgentPublicKey): Promise<string> {
  const thumbprint = await calculateJwkThumbprint({ kty: key.kty, crv: key.crv, x: key.x });
  if (thumbprint !== key.kid) {
    throw new RockBotError({
      code: 'internal',
      message: "The agent's profile holds a key whose id does not belong to it.",
      action: 'Do not sign in; ask the operator of the agent and of the bus what answers under this name.',
    });
  }
  return `SHA256:${thumbprint}`;
}

export function agentKeyChanged(options: { agent: string; known: string; offered: string }): RockBotError {
  return new RockBotError({
    code: 'handoff_refused',
    reason: 'unreadable',
    message: `The agent "${options.agent}" shows another key than before: ${options.offered} instead of ${options.known}.`,
    action:
      'Ask the operator whether the key was renewed. If so, run "rockbot auth workiq --trust-new-key"; if not, something else answers in its place.',
  });
}
