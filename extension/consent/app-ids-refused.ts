// A refusal of Entra that is about the ids of tenant or app themselves: who gave them can mend it. It knows no settings.
import { RockBotError, type RockBotErrorOptions } from '../../shared/errors/rockbot-error.ts';

export type AppId = 'tenantId' | 'clientId';

const both = ['tenantId', 'clientId'] as const;

/** By number of Entra. Source: "Microsoft Entra authentication and authorization error codes". */
const idsOf: Readonly<Record<string, readonly AppId[]>> = {
  AADSTS65002: ['clientId'],
  AADSTS70001: both,
  AADSTS700011: both,
  AADSTS700016: both,
  AADSTS90002: ['tenantId'],
  AADSTS900023: ['tenantId'],
};

export class AppIdsRefused extends RockBotError {
  static override readonly kind = 'AppIdsRefused';
  /** One of them is wrong. */
  readonly ids: readonly AppId[];

  constructor({ ids, ...options }: RockBotErrorOptions & { ids: readonly AppId[] }) {
    super(options);
    this.name = 'AppIdsRefused';
    this.ids = ids;
  }
}

/** `aadsts` as in `AADSTS90002`. */
export function refusedIds(aadsts: string | undefined): readonly AppId[] | undefined {
  return aadsts === undefined ? undefined : idsOf[aadsts];
}
