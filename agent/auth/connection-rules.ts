// Who may be connected, as the operator set it: which account, and handed off by whom. Pure.
import type { AuthReason } from '../../shared/contract/auth-state.ts';

export interface ConnectionRules {
  /** Username or object id; when undefined the account of the first hand-off is pinned. */
  expectedAccount?: string | undefined;
  /** Public nkeys; when empty the signer of the first hand-off is pinned. */
  trustedSigners: readonly string[];
}

export function isExpectedAccount(
  { expectedAccount }: Pick<ConnectionRules, 'expectedAccount'>,
  { id, username }: { id: string; username: string },
): boolean {
  return expectedAccount === undefined || same(expectedAccount, username) || same(expectedAccount, id);
}

export function isTrustedSigner({ trustedSigners }: Pick<ConnectionRules, 'trustedSigners'>, signer: string): boolean {
  return trustedSigners.length === 0 || trustedSigners.includes(signer);
}

/** Why a stored connection may not be used under the present rules, or undefined when it may. */
export function whyNotUsable(
  rules: ConnectionRules,
  { account, signer }: { account: { id: string; username: string }; signer: string },
): AuthReason | undefined {
  const { expectedAccount, trustedSigners } = rules;
  if (!isExpectedAccount(rules, account)) {
    return {
      code: 'auth_required',
      message: `The stored connection is of ${account.username}, but WorkIQ__ExpectedAccount is ${expectedAccount ?? ''}; it is not used.`,
      action: `Sign in as ${expectedAccount ?? ''}, or have the operator set WorkIQ__ExpectedAccount to ${account.username} and start the agent anew.`,
    };
  }
  if (!isTrustedSigner(rules, signer)) {
    return {
      code: 'auth_required',
      message: `The stored connection of ${account.username} was handed off by the signer ${signer}, but WorkIQ__TrustedSigners is ${trustedSigners.join(', ')}; it is not used.`,
      action: `Sign in again from a client whose signer is trusted, or have the operator add ${signer} to WorkIQ__TrustedSigners and start the agent anew.`,
    };
  }
  return undefined;
}

export function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
