// A profile's tokens, with a listener for what says that the profile as a whole is not healthy: Entra refuses it, not one server.
import { isSignInCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { TokenProvider } from '../auth/token-provider.ts';

export function watchedProfile(tokens: TokenProvider, onRefused: (error: RockBotError) => void): TokenProvider {
  const watch = (pending: Promise<string>): Promise<string> =>
    pending.catch((error: unknown) => {
      if (error instanceof RockBotError && isSignInCode(error.code)) onRefused(error);
      throw error;
    });
  return {
    profile: tokens.profile,
    allowedOrigins: tokens.allowedOrigins,
    token: (signal) => {
      const token = tokens.token(signal);
      return typeof token === 'string' ? token : watch(token);
    },
    refresh: (options) => watch(tokens.refresh(options)),
  };
}
