// Makes the agent's sign-in: the session of its account, the key that hand-offs are sealed to, and what takes them over.
import { dirname, join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import type { AgentPublicKey } from '../shared/contract/auth-messages.ts';
import { AccountSession, type AccountSessionOptions } from './auth/account-session.ts';
import { loadAgentKey } from './auth/agent-key.ts';
import { CacheStore } from './auth/cache-store.ts';
import { createEntraLog } from './auth/entra-log.ts';
import { HandOffReceiver } from './auth/hand-off-receiver.ts';
import { openMsalSession } from './auth/msal.ts';
import { SignInHistory } from './auth/sign-in-history.ts';
import { TokenEndpointClient } from './auth/token-endpoint.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { createDispatcher, type LazyDispatcher } from './dispatcher.ts';
import type { Logger } from './logger.ts';
import { operatorProblem } from './operator-problem.ts';
import type { Volume } from './take-volume.ts';
import type { Teardown } from './teardown.ts';

export interface StartAccountOptions extends Pick<AccountSessionOptions, 'onEffect' | 'onRefresh'> {
  config: AgentConfig;
  env: NodeJS.ProcessEnv;
  volume: Pick<Volume, 'keep'>;
  logger: Logger;
  teardown: Teardown;
}

export interface Account {
  session: AccountSession;
  receiver: HandOffReceiver;
  publicKey: AgentPublicKey;
  /** The connections to Entra. */
  entra: Pick<LazyDispatcher, 'get'>;
}

/** Milliseconds for the last write of the token cache, which is worth more than a quick end. */
const leaveMs = 3_000;

/** Throws CacheKeyError, ConfigError, or a file system error. */
export async function startAccount({
  config,
  env,
  volume,
  logger,
  teardown,
  ...heard
}: StartAccountOptions): Promise<Account> {
  const { workiq, profiles, dataDir } = config;
  const { tenantId, clientId, authority, cacheFile } = workiq;
  const [{ scopes }] = profiles;
  const history = await SignInHistory.open(
    volume.keep('sign-in-history.json', { folder: dirname(cacheFile) }),
    (error) => {
      logger.warn('How earlier sign-ins ended makes no sense and is learnt anew.', { error });
    },
  );
  teardown.add('the history of sign-ins', () => history.close());

  const dispatcher = createDispatcher({ ca: workiq.ca, env });
  const closing = new AbortController();
  const log = createEntraLog(logger);
  const openMsal: AccountSessionOptions['openMsal'] = ({ account, cache }) =>
    openMsalSession({
      clientId,
      authority,
      account,
      cache,
      network: new TokenEndpointClient({ dispatcher: () => dispatcher.get(), closing: closing.signal, log }),
    });
  const session = new AccountSession({
    tenantId,
    clientId,
    authority,
    primaryScopes: scopes,
    rules: workiq,
    history,
    store: new CacheStore({ path: cacheFile, key: workiq.cacheKey, clock: systemClock }),
    openMsal,
    clock: systemClock,
    logger,
    ...heard,
  });
  await session.start();
  const leave = async (): Promise<void> => {
    closing.abort(new Error('The agent is stopping.'));
    await session.close();
    await dispatcher.close();
  };
  teardown.add('the sign-in', leave, { withinMs: leaveMs });

  const { publicKey, privateKey } = await loadAgentKey(join(dataDir, 'secrets', 'agent-key.jwk'), {
    cacheFile,
    logger,
  }).catch((error: unknown) => {
    throw operatorProblem('The agent key cannot be used', error);
  });
  logger.info('The agent key that sign-ins are sealed to is loaded.', { fingerprint: `SHA256:${publicKey.kid}` });
  const receiver = new HandOffReceiver({
    session,
    privateKey,
    keyId: publicKey.kid,
    tenantId,
    clientId,
    scopes,
    trustedSigners: workiq.trustedSigners,
    expectedAccount: workiq.expectedAccount,
    openMsal,
    clock: systemClock,
  });
  return { session, receiver, publicKey, entra: dispatcher };
}
