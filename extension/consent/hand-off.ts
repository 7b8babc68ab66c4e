// Consent from end to end: the agent's profile, a sign-in, the sealed hand-off, the agent's receipt. It shows nothing,
// stores nothing, and keeps no token: the cache lives in this call alone.
import { base64url } from 'jose';
import * as z from 'zod';
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { AuthProfile, HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { lifetimeSeconds } from '../../shared/hand-off/hand-off-claims.ts';
import { sealHandOff, type HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import type { Bus } from '../bus.ts';
import { assertAccountFits } from './account-check.ts';
import { agentKeyFingerprint } from './agent-key.ts';
import { signInRequestOf, type SignedIn, type SignInOverrides, type SignInRequest } from './sign-in.ts';

export type HandOffStep = 'profile' | 'sign_in' | 'sealing' | 'waiting_for_agent';

export interface HandOffOptions {
  bus: Pick<Bus, 'request'>;
  signer: HandOffSigner;
  /** One of the flows; it is told what the agent wants to have requested. */
  signIn: (request: SignInRequest) => Promise<SignedIn>;
  /** Says whether to seal to this key; throws to refuse. */
  approveKey: (fingerprint: string, profile: AuthProfile) => Promise<void>;
  overrides?: SignInOverrides | undefined;
  onStep?: ((step: HandOffStep) => void) | undefined;
  clock?: Clock | undefined;
  signal?: AbortSignal | undefined;
}

/** The agent opens, refreshes against Entra, stores and reads back before it answers. */
const receiptTimeoutMs = 60_000;

/**
 * Returns the agent's receipt, the only proof that it is connected.
 * @throws RockBotError of the sign-in, of the bus, or `handoff_refused` with the agent's reason
 */
export async function handOff(options: HandOffOptions): Promise<HandOffReceipt> {
  const { bus, signer, onStep, clock = systemClock, signal } = options;
  onStep?.('profile');
  const profile = await bus.request('authProfile', {}, { signal });
  assertUsable(profile);
  await options.approveKey(await agentKeyFingerprint(profile.publicKey), profile);

  onStep?.('sign_in');
  const request = signInRequestOf(profile, options.overrides);
  const signedIn = await options.signIn(request);
  signal?.throwIfAborted();
  assertAccountFits(signedIn.account, profile);

  onStep?.('sealing');
  // A sign-in takes minutes: the generation, or the agent itself, may be another by now.
  const { publicKey, state } = await bus.request('authProfile', {}, { signal });
  if (publicKey.kid !== profile.publicKey.kid) throw keyChangedMeanwhile();
  const now = Math.floor(clock.now() / 1_000);
  const sealed = await sealHandOff({
    signer,
    recipient: profile.publicKey,
    claims: {
      iss: signer.publicKey,
      aud: publicKey.kid,
      iat: now,
      exp: now + lifetimeSeconds,
      jti: crypto.randomUUID(),
      gen: Math.max(profile.state.generation, state.generation) + 1,
      tenantId: signedIn.account.tenantId,
      accountId: signedIn.account.id,
      username: signedIn.account.username,
      scopes: [...request.scopes],
      cache: base64url.encode(signedIn.cache),
    },
  });

  onStep?.('waiting_for_agent');
  return bus.request('authCache', { sealed }, { signal, timeoutMs: receiptTimeoutMs });
}

function assertUsable({ authority, clientId, tenantId }: AuthProfile): void {
  const isHttps = z.url({ protocol: /^https$/ }).safeParse(authority).success;
  if (isHttps && clientId !== '' && tenantId !== '') return;
  throw new RockBotError({
    code: 'admin_action_required',
    message: "The agent's profile is not complete enough to sign in.",
    action: 'Ask the operator to set WorkIQ__TenantId, WorkIQ__ClientId and, if used, WorkIQ__Authority (https).',
  });
}

function keyChangedMeanwhile(): RockBotError {
  return new RockBotError({
    code: 'handoff_refused',
    reason: 'unreadable',
    message: "The agent's key changed during the sign-in; nothing was sent.",
    action: 'Start the sign-in again.',
  });
}
