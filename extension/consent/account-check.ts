// Compares who signed in with whom the agent works for, before anything is sent; pure.
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import type { Account } from '../../shared/contract/auth-state.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** @throws RockBotError `handoff_refused` with reason `tenant` or `account`, as the agent would refuse it */
export function assertAccountFits(account: Account, profile: AuthProfile): void {
  if (isGuid(profile.tenantId) && !equal(account.tenantId, profile.tenantId)) {
    throw new RockBotError({
      code: 'handoff_refused',
      reason: 'tenant',
      message: `${account.username} belongs to the tenant ${account.tenantId}; the agent works for ${profile.tenantId}.`,
      action: "Sign in again with an account of the agent's tenant.",
    });
  }
  const { expectedAccount } = profile;
  if (expectedAccount !== undefined && ![account.username, account.id].some((name) => equal(name, expectedAccount))) {
    throw wrongAccount(
      account,
      expectedAccount,
      'Sign in again with that account, or ask the operator to change WorkIQ__ExpectedAccount.',
    );
  }
  const current = profile.state.account;
  if (current !== undefined && !equal(current.id, account.id)) {
    throw wrongAccount(
      account,
      current.username,
      'Sign in again with that account, or disconnect the agent first to connect another one.',
    );
  }
}

function wrongAccount(account: Account, wanted: string, action: string): RockBotError {
  return new RockBotError({
    code: 'handoff_refused',
    reason: 'account',
    message: `You signed in as ${account.username}, but the agent works for ${wanted}.`,
    action,
  });
}

function equal(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
