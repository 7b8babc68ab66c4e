/** The simulator's control operations, each defined once: input and output; it must not know how they are carried out. */
import { z } from 'zod';
import { AADSTS_CODES } from './aadsts-catalogue.ts';
import type { AadstsCode } from './aadsts-catalogue.ts';
import { DEVICE_CODE_STATES } from './device-codes.ts';
import { faultShape, queuedFaultShape } from './faults.ts';
import { introspectionShape } from './introspection.ts';
import { SECRET_KINDS } from './issued.ts';
import { countersShape, requestEntryShape } from './request-log.ts';
import { settingsChangeShape, settingsShape } from './settings.ts';
import { tokenReplyShape } from './tokens.ts';

const nothing = z.strictObject({}).optional();
const done = z.object({});
const revoked = z.object({ revoked: z.number() });
/** User by key, UPN or object id; absent means everybody. */
const ofUser = z.strictObject({ user: z.string().optional() }).optional();

const deviceCodeView = z.object({
  userCode: z.string(),
  state: z.enum(DEVICE_CODE_STATES),
  scope: z.string(),
  /** Token requests seen for it. */
  polls: z.number(),
});

/** Over HTTP an operation is `POST /admin/<name in kebab case>` with its input as JSON. */
export const OPERATIONS = {
  settings: { input: nothing, output: settingsShape },
  /** Absent fields keep their value. */
  changeSettings: { input: settingsChangeShape, output: settingsShape },
  /** Forces a misbehaviour on the next requests. */
  addFault: { input: faultShape, output: z.object({ id: z.string() }) },
  faults: { input: nothing, output: z.array(queuedFaultShape) },
  /** Without an id all of them. */
  clearFaults: { input: z.strictObject({ id: z.string().optional() }).optional(), output: done },
  /** Every refresh token issued so far gets this refusal; `suberror: null` leaves the suberror out. */
  revokeRefreshTokens: {
    input: z
      .strictObject({
        user: z.string().optional(),
        aadsts: z.custom<AadstsCode>((value) => (AADSTS_CODES as number[]).includes(value as number)).optional(),
        suberror: z.string().nullable().optional(),
      })
      .optional(),
    output: revoked,
  },
  /** Every access token issued so far is inactive at introspection, with a claims challenge. */
  revokeAccessTokens: { input: ofUser, output: revoked },
  revokeConsent: { input: ofUser, output: done },
  deviceCodes: { input: nothing, output: z.array(deviceCodeView) },
  /** `user` is needed to approve. */
  decideDeviceCode: {
    input: z.strictObject({
      userCode: z.string(),
      decision: z.enum(['approve', 'decline', 'expire']),
      user: z.string().optional(),
    }),
    output: deviceCodeView,
  },
  /** The next polls of this code are answered `slow_down`. */
  slowDownDeviceCode: {
    input: z.strictObject({ userCode: z.string(), times: z.number().int().min(1).optional() }),
    output: deviceCodeView,
  },
  rotateSigningKey: { input: nothing, output: z.object({ kid: z.string() }) },
  counters: { input: nothing, output: countersShape },
  /** The last 500 requests, oldest first, without secrets. */
  requests: { input: nothing, output: z.array(requestEntryShape) },
  /** Every secret ever issued, also before a reset. */
  secrets: { input: nothing, output: z.array(z.object({ kind: z.enum(SECRET_KINDS), value: z.string() })) },
  /** Tokens without a sign-in, for tests of resource servers. */
  issueTokens: {
    input: z.strictObject({
      user: z.string(),
      scope: z.string(),
      /** The first registered client unless told. */
      clientId: z.string().optional(),
    }),
    output: tokenReplyShape,
  },
  /** Registers a further resource app. */
  addResource: {
    input: z.strictObject({
      appId: z.string(),
      name: z.string(),
      identifiers: z.array(z.string()).min(1),
      scopes: z.array(z.string()).min(1),
    }),
    output: done,
  },
  /** Also at `POST /introspect`. */
  introspect: { input: z.strictObject({ token: z.string() }), output: introspectionShape },
  /** Forgets grants, sessions, consents, faults, counters, and sets the settings back to those of the start. */
  reset: { input: nothing, output: done },
} as const;

export type OperationName = keyof typeof OPERATIONS;
export type OperationInput<Name extends OperationName> = z.input<(typeof OPERATIONS)[Name]['input']>;
export type OperationOutput<Name extends OperationName> = z.output<(typeof OPERATIONS)[Name]['output']>;

/** The same in the simulator's process and over its admin API. */
export type EntraControl = {
  [Name in OperationName]: (
    ...input: undefined extends OperationInput<Name> ? [input?: OperationInput<Name>] : [input: OperationInput<Name>]
  ) => Promise<OperationOutput<Name>>;
};

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

export function operationPath(name: OperationName): string {
  return `/admin/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
