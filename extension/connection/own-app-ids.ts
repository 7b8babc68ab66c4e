// The ids of tenant and app that a person set in place of the agent's: what can be none is refused at once, and a sign-in that fails
// for them names the setting. Pure.
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { AppIdsRefused, type AppId } from '../consent/app-ids-refused.ts';
import type { SignInOverrides } from '../consent/sign-in.ts';
import { settingIds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Entra takes any verified domain of a tenant in place of its id. */
const domain = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

const rules: Readonly<Record<AppId, { isId: (text: string) => boolean; wanted: string }>> = {
  tenantId: {
    isId: (text) => guid.test(text) || domain.test(text),
    wanted: 'neither the id (GUID) nor a domain of a tenant',
  },
  clientId: { isId: (text) => guid.test(text), wanted: 'no application (client) id (GUID)' },
};

const mend = 'Correct it, or clear it to use what the agent says.';
const longestShown = 60;

export class WrongSetting extends RockBotError {
  static override readonly kind = 'WrongSetting';

  constructor({ message, action, cause }: { message: string; action: string; cause?: unknown }) {
    super({ code: 'invalid_request', message, action, cause });
    this.name = 'WrongSetting';
  }
}

/** @throws WrongSetting for what can be no id */
export function assertOwnAppIds(own: SignInOverrides): void {
  for (const name of ['tenantId', 'clientId'] as const) {
    const value = own[name];
    const { isId, wanted } = rules[name];
    if (value === undefined || isId(value)) continue;
    const shown = cleanLine(value.slice(0, longestShown));
    throw new WrongSetting({
      message: `The setting ${settingIds[name]} has "${shown}", which is ${wanted}.`,
      action: mend,
    });
  }
}

/** The same error, or one that names the settings where it is theirs. `profile`: what the agent says itself, where it is known. */
export function namingOwnAppIds(
  error: unknown,
  own: SignInOverrides,
  profile: Pick<AuthProfile, AppId> | undefined,
): unknown {
  const names = idsIn(error).filter((name) => {
    const value = own[name];
    return value !== undefined && value.toLowerCase() !== profile?.[name].toLowerCase();
  });
  if (!(error instanceof RockBotError) || names.length === 0) return error;
  const settings = names.map((name) => settingIds[name]).join(' and ');
  return names.length === 1
    ? new WrongSetting({
        message: `${error.message} It was signed in with your setting ${settings}.`,
        action: mend,
        cause: error,
      })
    : new WrongSetting({
        message: `${error.message} It was signed in with your settings ${settings}.`,
        action: 'Correct them, or clear them to use what the agent says.',
        cause: error,
      });
}

function idsIn(error: unknown): readonly AppId[] {
  if (error instanceof AppIdsRefused) return error.ids;
  return error instanceof RockBotError && error.code === 'handoff_refused' && error.reason === 'tenant'
    ? ['tenantId']
    : [];
}
