// Within a call that waits for the sign-in: asks Entra whether what it refused for has been lifted meanwhile. It knows no servers.
import { abortable } from '../../shared/abort.ts';
import { startDeadline } from '../../shared/deadline.ts';
import type { AccountSession } from './account-session.ts';

/** Milliseconds that a call waits for Entra at most; without an answer it fails with the reason that is known. */
const waitMs = 5_000;

/** Throws the signal's reason, and nothing else. */
export async function retryRefusedGrant(
  session: Pick<AccountSession, 'retryRefused'>,
  signal: AbortSignal,
): Promise<void> {
  const retry = session.retryRefused();
  if (retry === undefined) return;
  using waiting = startDeadline(waitMs, { reason: () => undefined, signal });
  await abortable(retry, waiting.signal).catch(() => undefined);
  signal.throwIfAborted();
}
