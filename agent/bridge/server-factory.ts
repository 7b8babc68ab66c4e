// Makes the connections of servers: each with the tokens, guards and budgets of its profile, and with what all of them share. It
// keeps no list of them.
import type { TokenProvider } from '../auth/token-provider.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Guards } from '../../shared/guards/parse-guards.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { CallBudget, SharedAccount } from './call-budget.ts';
import type { ConnectOptions } from './configured-servers.ts';
import { SentBearers } from './sent-bearers.ts';
import { ServerConnection, type ServerConnectionOptions } from './server-connection.ts';
import { ServerGuards } from './server-guards.ts';
import { ServerTokens } from './server-tokens.ts';
import { sharedAccounts } from './shared-accounts.ts';
import { watchedProfile } from './watched-profile.ts';

export interface ServerFactoryOptions extends Omit<
  ServerConnectionOptions,
  'name' | 'entry' | 'tokens' | 'sent' | 'guards' | 'callsToday' | 'onChange'
> {
  profiles: ReadonlyMap<string, TokenProvider>;
  /** Guards of profiles, for every server that uses them. */
  profileGuards: ReadonlyMap<string, Guards>;
  /** Calls per UTC day of profiles, of every server that uses them together. */
  profileLimits?: ReadonlyMap<string, SharedAccount['limits']> | undefined;
  budget: CallBudget;
  /** Another value after each sign-in. */
  signIn: () => number | undefined;
  /** Entra refuses a profile. */
  onRefused: (profile: string, error: RockBotError) => void;
}

export class ServerFactory {
  readonly #options: ServerFactoryOptions;
  readonly #profiles: ReadonlyMap<string, TokenProvider>;
  /** Bearers of each profile that servers were sent. */
  readonly #sent: ReadonlyMap<string, SentBearers>;

  constructor(options: ServerFactoryOptions) {
    const { profiles, onRefused } = options;
    this.#options = options;
    this.#sent = new Map([...profiles.keys()].map((name) => [name, new SentBearers()]));
    this.#profiles = new Map(
      [...profiles].map(([name, tokens]) => [
        name,
        watchedProfile(tokens, (error) => {
          onRefused(name, error);
        }),
      ]),
    );
  }

  create(name: string, entry: ServerEntry, { inherited, onChange }: ConnectOptions): ServerConnection {
    const { profileGuards, profileLimits, budget, signIn, ...shared } = this.#options;
    const profile = entry.type === 'stdio' ? undefined : entry.auth?.profile;
    const tokens = profile === undefined ? undefined : this.#profiles.get(profile);
    const account = profile === undefined ? undefined : { name: profile, limits: profileLimits?.get(profile) };
    budget.share(name, sharedAccounts({ profile: account, inherited }));
    return new ServerConnection({
      ...shared,
      name,
      entry,
      tokens: tokens && new ServerTokens(tokens, { clock: shared.clock, signIn }),
      sent: this.#sent.get(profile ?? '') ?? new SentBearers(),
      guards: new ServerGuards({
        server: name,
        entry,
        profile: profile === undefined ? undefined : { name: profile, guards: profileGuards.get(profile) },
        inherited: inherited.entries,
      }),
      callsToday: () => budget.use(name),
      onChange,
    });
  }
}
