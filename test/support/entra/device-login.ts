/** The device flow's two HTTP faces: the code request of the device and the page where a person enters it. */
import { aadsts } from './aadsts.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { DeviceCode } from './device-codes.ts';
import type { DirectoryUser } from './directory.ts';
import type { EntraState } from './entra-state.ts';
import type { Interactions } from './interactions.ts';
import { deviceCodePage, donePage } from './pages.ts';
import { replyJson } from './reply.ts';
import type { Reply } from './reply.ts';
import { readScopes } from './scopes.ts';
import { readAuthority, readClient, tenantFor } from './tenancy.ts';

const LOGIN_PATH = '/devicelogin';

/** @throws EntraError on a request that Entra would refuse. */
export function requestDeviceCode(state: EntraState, tenant: string, form: Record<string, string>): Reply {
  const { directory, settings, deviceCodes, issued, origin } = state;
  const authority = readAuthority(tenant, directory);
  const client = readClient(form['client_id'], directory, authority);
  if (!client.isPublic) throw aadsts(7000218);
  if (form['resource'] !== undefined) throw aadsts(9010010);
  const { scope } = form;
  if (scope === undefined) throw aadsts(900144, { parameter: 'scope' });
  readScopes(scope, directory, client, authority);
  readClaimsRequest(form['claims']);

  const code = deviceCodes.create({ clientId: client.clientId, authority, scope, claims: form['claims'] });
  issued.remember('device_code', code.deviceCode);
  const approver = settings.autoApproveDeviceCodesAs;
  if (approver !== null) approveDeviceCode(state, code, directory.user(approver));
  const verificationUri = `${origin}${LOGIN_PATH}`;
  return replyJson(200, {
    user_code: code.userCode,
    device_code: code.deviceCode,
    verification_uri: verificationUri,
    expires_in: settings.deviceCodeLifeSeconds,
    interval: settings.deviceCodeIntervalSeconds,
    message: `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${code.userCode} to authenticate.`,
  });
}

/** @throws Error for an unknown user, EntraError 50020 for one of another tenant. */
export function approveDeviceCode(state: EntraState, code: DeviceCode, user: DirectoryUser | undefined): void {
  const { directory, consents, deviceCodes } = state;
  if (!user) throw new Error('unknown user: name one by key, UPN or object id');
  const client = readClient(code.clientId, directory, code.authority);
  tenantFor(user, code.authority, client);
  const { resources } = readScopes(code.scope, directory, client, code.authority);
  consents.grant(user, client, resources);
  deviceCodes.approve(code, user, readClaimsRequest(code.claims).acrs);
}

export function showDeviceLogin(form: Record<string, string>): Reply {
  return deviceCodePage({ action: LOGIN_PATH, userCode: form['user_code'] ?? form['otc'] });
}

/** The entered code; a pending one leads on to account, confirmation and consent. */
export function enterUserCode(
  state: EntraState,
  interactions: Interactions,
  form: Record<string, string>,
  cookie: string | undefined,
): Reply {
  const typed = form['user_code'] ?? '';
  const code = state.deviceCodes.byUserCode(typed);
  if (code?.state !== 'pending') {
    const problem =
      code?.state === 'expired'
        ? 'That code has expired. Go back to the app and get a new code.'
        : "That code didn't work. Check the code and try again.";
    return deviceCodePage({ action: LOGIN_PATH, userCode: typed, problem });
  }
  const client = readClient(code.clientId, state.directory, code.authority);
  return interactions.start({
    client,
    authority: code.authority,
    requested: readScopes(code.scope, state.directory, client, code.authority),
    user: state.browserSessions.user(cookie),
    needsConfirmation: true,
    forcesConsent: false,
    finish: (user) => {
      approveDeviceCode(state, code, user);
      const text = `You have signed in to the ${client.name} application on your device. You may now close this window.`;
      return donePage({ id: 'page-done', title: client.name, text });
    },
    refuse: () => {
      code.state = 'declined';
      const text = 'You did not sign in. You may now close this window.';
      return donePage({ id: 'page-cancelled', title: 'Sign-in cancelled', text });
    },
  });
}
