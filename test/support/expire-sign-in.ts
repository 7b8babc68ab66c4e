// Ends the sign-in of a stack's agent as a tenant does: Entra takes all tokens back, and the agent finds out by its next call.
import assert from 'node:assert/strict';
import type { Stack } from './stack.ts';

export async function expireSignIn({ entra, call }: Pick<Stack, 'entra' | 'call'>): Promise<void> {
  await entra.control.revokeRefreshTokens();
  await entra.control.revokeAccessTokens();
  await assert.rejects(call('fetch', { entityUrls: ['/me'] }), { code: 'auth_required' });
}
