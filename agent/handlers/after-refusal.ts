// Before a call of a server that waits for the sign-in: asks whether what Entra refused for has been lifted meanwhile.
import type { RequestOf } from '../../shared/contract/contract.ts';
import { abortable } from '../../shared/abort.ts';
import type { AccountSession } from '../auth/account-session.ts';
import type { Bridge } from '../bridge/bridge.ts';

/** Milliseconds that a call waits for Entra at most; without an answer it fails with the reason that is known. */
const waitMs = 5_000;

export function afterRefusal<Rest extends unknown[], Reply>(
  invoke: (request: RequestOf<'toolInvoke'>, ...rest: Rest) => Promise<Reply>,
  { session, bridge }: { session: Pick<AccountSession, 'state' | 'retryRefused'>; bridge: Pick<Bridge, 'list'> },
): (request: RequestOf<'toolInvoke'>, ...rest: Rest) => Promise<Reply> {
  return async (request, ...rest) => {
    if (session.state().status === 'expired') {
      const isHeldUp = bridge.list(request.server).some(({ state }) => state === 'auth_required');
      const retry = isHeldUp ? session.retryRefused() : undefined;
      if (retry !== undefined) await abortable(retry, AbortSignal.timeout(waitMs)).catch(() => undefined);
    }
    return invoke(request, ...rest);
  };
}
