// Signs in with a code that the user enters on any device; it shows nothing itself.
import { abortable } from '../../shared/abort.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import { createEntraNetwork } from './entra-network.ts';
import { acquireWithDeviceCode, type DeviceCode } from './msal.ts';
import { patientPoll } from './patient-poll.ts';
import { describeSignInFailure } from './sign-in-failure.ts';
import type { SignInPorts } from './sign-in-ports.ts';
import type { SignedIn, SignInRequest } from './sign-in.ts';

/**
 * Ends at once when `signal` is aborted; nothing is asked of Entra after that.
 * @throws RockBotError `cancelled`, `auth_required` (declined, expired) or what Entra's refusal means
 */
export async function signInWithDeviceCode(
  request: SignInRequest,
  options: SignInPorts & { onCode: (code: DeviceCode) => void; clock?: Clock | undefined },
): Promise<SignedIn> {
  const { http, signal, onCode, clock = systemClock } = options;
  const network = createEntraNetwork({ http, signal, clock, step: patientPoll({ signal, clock }) });
  try {
    signal?.throwIfAborted();
    return await abortable(acquireWithDeviceCode({ ...request, onCode }, network), signal);
  } catch (error) {
    const { lastRefusal, lastFailure } = network;
    throw describeSignInFailure({ error, request, lastRefusal, lastFailure, signal });
  }
}
