// Serves the auth subjects: profile, hand-off, state, disconnect.
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { AccountSession } from '../auth/account-session.ts';
import type { HandOffReceiver } from '../auth/hand-off-receiver.ts';
import type { Handlers } from '../bus.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';

export interface AuthHandlersOptions {
  config: AgentConfig;
  publicKey: AgentPublicKey;
  session: AccountSession;
  receiver: HandOffReceiver;
  logger: Logger;
  metrics: Metrics;
}

type AuthRequest = 'authProfile' | 'authCache' | 'authState' | 'authDisconnect';

export function createAuthHandlers(options: AuthHandlersOptions): Pick<Handlers, AuthRequest> {
  const { config, publicKey, session, receiver, logger, metrics } = options;
  const { tenantId, clientId, authority, expectedAccount } = config.workiq;
  const [{ scopes }] = config.profiles;
  return {
    authProfile: async () => ({
      agent: config.name,
      tenantId,
      clientId,
      authority,
      scopes: [...scopes],
      publicKey,
      state: session.state(),
      ...(expectedAccount !== undefined && { expectedAccount }),
    }),
    async authCache({ sealed }, { source }) {
      try {
        const receipt = await receiver.receive(sealed);
        metrics.handOffFinished('ok');
        logger.info('A hand-off was accepted.', {
          source,
          account: receipt.account.username,
          generation: receipt.generation,
        });
        return receipt;
      } catch (error) {
        const reason = error instanceof RockBotError ? (error.reason ?? error.code) : 'internal';
        metrics.handOffFinished(reason);
        logger.warn('A hand-off was refused.', { source, reason, error });
        throw error;
      }
    },
    authState: async () => session.state(),
    async authDisconnect(_request, { source }) {
      const removed = await session.disconnect();
      logger.info('The connection was removed.', { source, hadConnection: removed !== undefined });
      return {
        disconnected: removed !== undefined,
        removed: removed === undefined ? [] : removedItems(removed, config.workiq.cacheFile),
        ...(removed !== undefined && {
          account: { id: removed.account.id, username: removed.account.username, tenantId: removed.account.tenantId },
        }),
        state: session.state(),
      };
    },
  };
}

function removedItems(
  { account, signer }: { account: { username: string }; signer: string },
  cacheFile: string,
): string[] {
  return [
    `the token cache of ${account.username} in ${cacheFile}`,
    'all access tokens in memory',
    `the pinned account ${account.username}`,
    `the pinned signer ${signer}`,
  ];
}
