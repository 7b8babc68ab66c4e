// What the AADSTS numbers of Microsoft Entra mean and what mends them, as data; how a refusal is classified is not known here.
// Source: "Microsoft Entra authentication and authorization error codes", which says that numbers are hints only.
import type { EntraFailureKind } from './entra-failure.ts';

export interface KnownCode {
  kind: EntraFailureKind;
  message: string;
  action: string;
  /** The grant itself is void, whatever resource is asked for. */
  grantVoid?: boolean;
  /** What an administrator's exact step is, where there is one link or command for it. */
  step?: 'consent' | 'service_principal';
}

/** The resource app of Work IQ, the same in every tenant. */
export const workIqAppId = 'fdcc1f02-fc51-4226-8753-f668596af7f7';

export const signInAgain = 'Sign in again: run "rockbot auth workiq", or "RockBot: Reconnect M365" in VS Code.';
const askAdmin = 'Ask a tenant administrator to';
const findPolicy =
  'find this sign-in in the sign-in log of the Entra admin center (Monitoring & health > Sign-in logs), see in its "Conditional Access" tab which policy blocks it, and exclude the user or this app from that policy.';
const fixSettings = 'Ask the operator to correct the agent configuration:';

export const knownCodes: Readonly<Record<string, KnownCode>> = {
  '65001': {
    kind: 'consent',
    message: 'Nobody has consented to this app for Work IQ yet.',
    action: `${askAdmin} grant consent for the app, then sign in again.`,
    step: 'consent',
  },
  '65004': {
    kind: 'consent',
    message: 'Consent was declined.',
    action: 'Sign in again and accept, or ask a tenant administrator to consent for everybody.',
  },
  '90094': {
    kind: 'consent',
    message: 'This permission needs the consent of an administrator.',
    action: `${askAdmin} grant consent for the app, then sign in again.`,
    step: 'consent',
  },
  '650052': {
    kind: 'admin',
    message: 'The Work IQ service principal does not exist in this tenant, or the tenant has no subscription for it.',
    action: `${askAdmin} run "az ad sp create --id ${workIqAppId}", then sign in again.`,
    step: 'service_principal',
  },
  '53003': {
    kind: 'admin',
    message: 'A Conditional Access policy blocks this sign-in.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '530084': {
    kind: 'admin',
    message: 'A token protection policy blocks tokens that are not bound to a device.',
    action: `${askAdmin} exclude the user or this app from the Conditional Access policy whose session control is "Require token protection for sign-in sessions"; an agent without a desktop cannot bind tokens to a device.`,
  },
  '50105': {
    kind: 'admin',
    message: 'The user is not assigned to the app.',
    action: `${askAdmin} assign the user to the app under "Enterprise applications", then sign in again.`,
  },
  '50057': {
    kind: 'admin',
    message: 'The account is disabled.',
    action: `${askAdmin} enable the account, then sign in again.`,
  },
  '65002': {
    kind: 'admin',
    message: 'This first-party client id is not pre-authorised for Work IQ.',
    action: `${fixSettings} set WorkIQ__ClientId to an app of your own.`,
  },
  '50011': {
    kind: 'admin',
    message: 'The redirect address is not registered for the app.',
    action: `${askAdmin} add http://localhost under "Mobile and desktop applications" of the app.`,
  },
  '7000218': {
    kind: 'admin',
    message: 'The app is not registered as a public client.',
    action: `${askAdmin} set "Allow public client flows" to Yes in the app's Authentication page.`,
  },
  '700016': {
    kind: 'admin',
    message: 'The app is not known in this tenant.',
    action: `${fixSettings} check WorkIQ__ClientId and WorkIQ__TenantId.`,
  },
  '500011': {
    kind: 'admin',
    message: 'The requested resource is not known in this tenant.',
    action: `${askAdmin} run "az ad sp create --id ${workIqAppId}"; if it exists, have the operator check WorkIQ__Scopes and WorkIQ__TenantId.`,
    step: 'service_principal',
  },
  '90002': {
    kind: 'admin',
    message: 'The tenant does not exist.',
    action: `${fixSettings} check WorkIQ__TenantId and WorkIQ__Authority.`,
  },
  '900023': { kind: 'admin', message: 'The tenant id is malformed.', action: `${fixSettings} check WorkIQ__TenantId.` },
  '900144': { kind: 'admin', message: 'The request was malformed.', action: `${fixSettings} check WorkIQ__Scopes.` },
  '650053': {
    kind: 'admin',
    message: 'The scope is not qualified with its resource.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '70011': {
    kind: 'admin',
    message: 'The scopes cannot be requested together.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '90009': {
    kind: 'admin',
    message: 'The scope is missing in the request.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '9010010': {
    kind: 'admin',
    message: 'Resource and scope contradict each other.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '50020': {
    kind: 'sign_in',
    message: 'The account belongs to another tenant.',
    action: "Sign in again with an account of the agent's tenant.",
  },
  '50076': { kind: 'sign_in', message: 'Multi-factor authentication is needed.', action: signInAgain },
  '50079': { kind: 'sign_in', message: 'Multi-factor authentication has to be set up.', action: signInAgain },
  '16000': {
    kind: 'sign_in',
    message: 'Several accounts are signed in, or the account is not one of this tenant.',
    action: signInAgain,
  },
  '50173': {
    kind: 'sign_in',
    message: 'The password was changed or the sign-in was revoked.',
    action: signInAgain,
    grantVoid: true,
  },
  '700082': { kind: 'sign_in', message: 'The sign-in was not used for 90 days.', action: signInAgain, grantVoid: true },
  '70043': {
    kind: 'sign_in',
    message: 'The sign-in frequency policy of the tenant asks for a new sign-in.',
    action: signInAgain,
    grantVoid: true,
  },
  '70008': { kind: 'sign_in', message: 'The sign-in has expired.', action: signInAgain, grantVoid: true },
  '70000': { kind: 'sign_in', message: 'The sign-in is no longer valid.', action: signInAgain, grantVoid: true },
  '700084': {
    kind: 'sign_in',
    message: 'The sign-in was made by an app registered for single pages and ended after 24 hours.',
    action: 'Have the app registered under "Mobile and desktop applications", then sign in again.',
    grantVoid: true,
  },
  '50132': {
    kind: 'sign_in',
    message: 'The password was changed or has expired, which ended the sign-in.',
    action: signInAgain,
    grantVoid: true,
  },
  '50133': {
    kind: 'sign_in',
    message: 'The password was changed or has expired, which ended the sign-in.',
    action: signInAgain,
    grantVoid: true,
  },
  '50055': {
    kind: 'sign_in',
    message: 'The password has expired.',
    action: 'Change the password, then sign in again.',
    grantVoid: true,
  },
  '50144': {
    kind: 'sign_in',
    message: 'The password has expired.',
    action: 'Change the password, then sign in again.',
    grantVoid: true,
  },
  '50135': {
    kind: 'sign_in',
    message: 'The password has to be changed, because the account is at risk.',
    action: 'Change the password, then sign in again.',
    grantVoid: true,
  },
  '50089': { kind: 'sign_in', message: 'The sign-in has ended or was revoked.', action: signInAgain, grantVoid: true },
  '70044': {
    kind: 'sign_in',
    message: 'The sign-in frequency policy of the tenant asks for a new sign-in.',
    action: signInAgain,
    grantVoid: true,
  },
  '50078': {
    kind: 'sign_in',
    message: 'The multi-factor authentication has expired; a policy of the tenant asks for it again.',
    action: signInAgain,
  },
  '50072': { kind: 'sign_in', message: 'Multi-factor authentication has to be set up.', action: signInAgain },
  '50074': { kind: 'sign_in', message: 'Multi-factor authentication is needed.', action: signInAgain },
  '53004': { kind: 'sign_in', message: 'Multi-factor authentication has to be set up.', action: signInAgain },
  '50158': { kind: 'sign_in', message: 'Another security check of the tenant is needed.', action: signInAgain },
  '50058': { kind: 'sign_in', message: 'Nobody is signed in.', action: signInAgain },
  '53000': {
    kind: 'admin',
    message: 'A Conditional Access policy asks for a compliant device, which an agent is not.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '53001': {
    kind: 'admin',
    message: 'A Conditional Access policy asks for a domain joined device, which an agent is not.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '53002': {
    kind: 'admin',
    message: 'A Conditional Access policy lets approved apps in only.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '50005': {
    kind: 'admin',
    message: 'A Conditional Access policy does not let this platform in.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '50097': {
    kind: 'admin',
    message: 'A Conditional Access policy asks for a registered device, which an agent is not.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '50129': {
    kind: 'admin',
    message: 'A Conditional Access policy asks for a registered device, which an agent is not.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '50131': {
    kind: 'admin',
    message: 'A Conditional Access policy blocks this sign-in.',
    action: `${askAdmin} ${findPolicy}`,
  },
  '530035': {
    kind: 'admin',
    message: 'The security defaults of the tenant block this sign-in.',
    action: `${askAdmin} look up this sign-in in the sign-in log of the Entra admin center (Monitoring & health > Sign-in logs).`,
  },
  '53011': {
    kind: 'admin',
    message: 'The user is blocked because of a risk.',
    action: `${askAdmin} look at the user under "Risky users" in the Entra admin center, then sign in again.`,
  },
  '50053': {
    kind: 'admin',
    message: 'The account is locked, or sign-ins from this address are blocked.',
    action: `${askAdmin} look up the failure reason in the sign-in log of the Entra admin center (Monitoring & health > Sign-in logs), and unlock the account.`,
  },
  '50034': {
    kind: 'admin',
    message: 'The account does not exist in this tenant any more.',
    action: `${askAdmin} restore the account, or disconnect and sign in with another one.`,
  },
  '51004': {
    kind: 'admin',
    message: 'The account does not exist in this tenant any more.',
    action: `${askAdmin} restore the account, or disconnect and sign in with another one.`,
  },
  '500014': {
    kind: 'admin',
    message: 'Work IQ is disabled in this tenant, or its subscription has lapsed.',
    action: `${askAdmin} check the licences of Work IQ, and that its service principal is enabled under "Enterprise applications".`,
  },
  '650054': {
    kind: 'admin',
    message: 'The requested resource is not available in this tenant any more.',
    action: `${askAdmin} check the licences of Work IQ; if it is there, have the operator check WorkIQ__Scopes.`,
  },
  '650056': {
    kind: 'consent',
    message: 'The app has not been granted its permissions in this tenant.',
    action: `${askAdmin} add the scopes of WorkIQ__Scopes to the API permissions of the app and to consent.`,
    step: 'consent',
  },
  '65005': {
    kind: 'consent',
    message: 'The app does not list the permissions that it asks for.',
    action: `${askAdmin} add the scopes of WorkIQ__Scopes to the API permissions of the app and to consent.`,
    step: 'consent',
  },
  '650057': {
    kind: 'consent',
    message: 'The app does not list the permissions that it asks for.',
    action: `${askAdmin} add the scopes of WorkIQ__Scopes to the API permissions of the app and to consent.`,
    step: 'consent',
  },
  '70001': {
    kind: 'admin',
    message: 'The app is disabled or not known in this tenant.',
    action: `${askAdmin} enable the app under "Enterprise applications", or have the operator check WorkIQ__ClientId and WorkIQ__TenantId.`,
  },
  '700011': {
    kind: 'admin',
    message: 'The app is not known in this tenant.',
    action: `${fixSettings} check WorkIQ__ClientId and WorkIQ__TenantId.`,
  },
  '7000112': {
    kind: 'admin',
    message: 'The app is disabled in this tenant.',
    action: `${askAdmin} enable the app under "Enterprise applications", then sign in again.`,
  },
  '90055': {
    kind: 'transient',
    message: 'The sign-in service has too many requests.',
    action: 'Wait; it is tried again.',
  },
};
