/** The simulator's adjustable behaviour with its defaults; it must not know how a setting takes effect. */
import { z } from 'zod';

const acceptedClaims = z.strictObject({
  /** Authentication contexts that an access token has to carry in `acrs`. */
  acrs: z.array(z.string()).optional(),
  /** Earliest `nbf` of an acceptable access token, Unix seconds. */
  nbf: z.number().optional(),
});

export const settingsShape = z.strictObject({
  /** `expires_in` and `exp`. MSAL counts less than 300 s left as expired: 301 lives one to two seconds there, 299 never. */
  accessTokenLifeSeconds: z.number().int().min(1),
  /** Seconds that introspection lets an access token be used after its end; Microsoft's own servers forgive five minutes. */
  clockSkewSeconds: z.number().min(0),
  /** Adds `refresh_in` to token replies. */
  refreshInSeconds: z.number().int().min(0).nullable(),
  /** Idle time after which a refresh token is refused with AADSTS700082. */
  refreshTokenLifeSeconds: z.number().min(0),
  /** Absolute time since sign-in after which refreshing is refused with AADSTS70043. */
  signInFrequencySeconds: z.number().min(0).nullable(),
  /** Entra leaves a rotated refresh token usable. With `true`, using one twice revokes its whole family (bad_token). */
  strictReuse: z.boolean(),
  /** How the granted `scope` names the resource: by its canonical identifier, or by the name in the request. */
  grantedScopeForm: z.enum(['canonical', 'as-requested']),
  /**
   * `ask`: the browser asks once per user, client and resource, silent requests are answered as after admin consent;
   * `strict`: as `ask`, and silent requests for a resource nobody consented to get AADSTS65001;
   * `granted`: never asks; `admin-approval`: the browser says that an admin has to approve, silent requests as `strict`.
   */
  consent: z.enum(['ask', 'strict', 'granted', 'admin-approval']),
  requirePkce: z.boolean(),
  deviceCodeLifeSeconds: z.number().min(0),
  /** May be a fraction, so that tests need not wait. */
  deviceCodeIntervalSeconds: z.number().min(0),
  /** User (key, UPN or object id) as whom every new device code is approved at once. */
  autoApproveDeviceCodesAs: z.string().nullable(),
  /** User as whom authorize requests are answered without any page. */
  autoSignInAs: z.string().nullable(),
  /** `reset` drops every connection, `refused` closes the listener (ECONNREFUSED) until set back to `none`. */
  outage: z.enum(['none', 'reset', 'refused']),
  /** Accepts every request and never answers. */
  hang: z.boolean(),
  /** Waited before every answer. */
  latencyMs: z.number().min(0),
  /** Tokens without these claims are inactive at introspection with the reason `insufficient_claims`. */
  requiredClaims: acceptedClaims.nullable(),
  /** Whether a refresh may satisfy an `acrs` claims request, or needs a new sign-in (AADSTS50076 with claims). */
  stepUp: z.enum(['silent', 'interactive']),
});

export type Settings = z.output<typeof settingsShape>;

export const DEFAULT_SETTINGS: Settings = {
  accessTokenLifeSeconds: 3600,
  clockSkewSeconds: 0,
  refreshInSeconds: null,
  refreshTokenLifeSeconds: 90 * 86_400,
  signInFrequencySeconds: null,
  strictReuse: false,
  grantedScopeForm: 'canonical',
  consent: 'ask',
  requirePkce: true,
  deviceCodeLifeSeconds: 900,
  deviceCodeIntervalSeconds: 5,
  autoApproveDeviceCodesAs: null,
  autoSignInAs: null,
  outage: 'none',
  hang: false,
  latencyMs: 0,
  requiredClaims: null,
  stepUp: 'silent',
};

/** A partial change; absent fields keep their value. */
export const settingsChangeShape = settingsShape.partial();

export type SettingsChange = z.output<typeof settingsChangeShape>;

/** Current settings in an object that every part may keep; `apply` changes it in place. */
export function createSettings(initial: SettingsChange = {}) {
  const current: Settings = { ...DEFAULT_SETTINGS, ...settingsChangeShape.parse(initial) };
  return {
    current: current as Readonly<Settings>,
    apply: (change: SettingsChange): void => void Object.assign(current, withoutUndefined(change)),
    reset: (): void => void Object.assign(current, DEFAULT_SETTINGS, withoutUndefined(initial)),
  };
}

function withoutUndefined(change: SettingsChange): Partial<Settings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
