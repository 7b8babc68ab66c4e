/** The authorization endpoint (code grant with PKCE): checks a request and answers the app; it must not know token minting. */
import { randomUUID } from 'node:crypto';
import { aadsts, EntraError, errorBody } from './aadsts.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { ClientApp, DirectoryUser } from './directory.ts';
import { allowsRedirect } from './directory.ts';
import type { EntraState } from './entra-state.ts';
import type { Interactions } from './interactions.ts';
import { errorPage, formPostPage } from './pages.ts';
import { redirectTo } from './reply.ts';
import type { Reply } from './reply.ts';
import { readScopes } from './scopes.ts';
import { base64UrlJson } from './signing-keys.ts';
import { readAuthority, readClient, tenantFor } from './tenancy.ts';

const CODE_LIFE_MS = 10 * 60_000;

export interface AuthorizeRequest {
  tenant: string;
  form: Record<string, string>;
  cookie: string | undefined;
  /** A refusal that a fault forces. */
  forced?: EntraError | undefined;
}

export function authorize(state: EntraState, interactions: Interactions, request: AuthorizeRequest): Reply {
  const correlationId = request.form['client-request-id'] ?? randomUUID();
  try {
    return answerApp(state, interactions, request, correlationId);
  } catch (error) {
    if (error instanceof EntraError) return errorPage(error, correlationId);
    throw error;
  }
}

/** Refusals before the redirect URI is known to be the app's are thrown, for a page; later ones go to the app. */
function answerApp(
  state: EntraState,
  interactions: Interactions,
  { tenant, form, cookie, forced }: AuthorizeRequest,
  correlationId: string,
): Reply {
  const { directory, settings } = state;
  const authority = readAuthority(tenant, directory);
  const client = readClient(form['client_id'], directory, authority);
  const redirectUri = form['redirect_uri'];
  if (redirectUri === undefined) throw aadsts(900144, { parameter: 'redirect_uri' });
  if (!allowsRedirect(client, redirectUri)) throw aadsts(50011, { redirectUri, client: client.clientId });

  const respond = (fields: Record<string, string>) => respondToApp(form, redirectUri, fields);
  const refuse = (error: EntraError) => respond(refusalFields(error, state.origin, correlationId));
  try {
    if (forced) throw forced;
    const { scope, prompt } = form;
    if (form['response_type'] !== 'code') throw aadsts(900144, { parameter: 'response_type=code' });
    if (form['resource'] !== undefined) throw aadsts(9010010);
    if (scope === undefined) throw aadsts(900144, { parameter: 'scope' });
    const requested = readScopes(scope, directory, client, authority);
    const acrs = readClaimsRequest(form['claims']).acrs;
    const isS256 = form['code_challenge'] !== undefined && form['code_challenge_method'] === 'S256';
    if (settings.requirePkce && !isS256) throw aadsts(9002325);

    const finish = (user: DirectoryUser): Reply => {
      const code = state.issued.addCode({
        session: { id: randomUUID(), user, clientId: client.clientId, authTimeMs: Date.now(), acrs: new Set(acrs) },
        tenantId: tenantFor(user, authority, client),
        redirectUri,
        scope,
        codeChallenge: form['code_challenge'],
        nonce: form['nonce'],
        claims: form['claims'],
        expiresAtMs: Date.now() + CODE_LIFE_MS,
      });
      return respond(successFields(form, code.code, user));
    };

    const known = knownUser(state, form, cookie);
    if (prompt === 'none' || settings.autoSignInAs !== null) {
      if (!known) throw aadsts(50058);
      requireSilentConsent(state, known, client, requested.resources);
      return finish(known);
    }
    return interactions.start({
      client,
      authority,
      requested,
      user: prompt === 'select_account' || prompt === 'login' ? undefined : known,
      hint: form['login_hint'],
      needsConfirmation: false,
      forcesConsent: prompt === 'consent',
      finish,
      refuse,
    });
  } catch (error) {
    if (error instanceof EntraError) return refuse(error);
    throw error;
  }
}

function knownUser(
  { settings, directory, browserSessions }: EntraState,
  form: Record<string, string>,
  cookie?: string,
) {
  if (settings.autoSignInAs !== null) return directory.user(settings.autoSignInAs);
  const signedIn = browserSessions.user(cookie);
  const hint = form['login_hint'];
  return hint === undefined ? signedIn : directory.user(hint);
}

function requireSilentConsent(
  { consents, settings }: EntraState,
  user: DirectoryUser,
  client: ClientApp,
  resources: Parameters<typeof consents.missing>[2],
): void {
  const isOpen = settings.consent === 'ask' || settings.consent === 'granted';
  if (isOpen || consents.missing(user, client, resources).length === 0) return;
  const { message } = aadsts(65001, { client: client.clientId, clientName: client.name });
  throw new EntraError({ error: 'interaction_required', message, aadsts: 65001, suberror: 'consent_required' });
}

function successFields(form: Record<string, string>, code: string, user: DirectoryUser): Record<string, string> {
  const clientInfo = base64UrlJson({ uid: user.oid, utid: user.tenantId });
  return {
    code,
    ...(form['client_info'] === '1' ? { client_info: clientInfo } : {}),
    ...(form['state'] === undefined ? {} : { state: form['state'] }),
    session_state: randomUUID(),
  };
}

function refusalFields(error: EntraError, origin: string, correlationId: string): Record<string, string> {
  const body = errorBody(error, origin, correlationId);
  return {
    error: body.error,
    ...(error.aadsts === 65004 ? { error_subcode: 'cancel' } : {}),
    error_description: body.error_description,
    ...(body.error_uri === undefined ? {} : { error_uri: body.error_uri }),
    ...(body.suberror === undefined ? {} : { suberror: body.suberror }),
    ...(body.claims === undefined ? {} : { claims: body.claims }),
  };
}

function respondToApp(form: Record<string, string>, redirectUri: string, answer: Record<string, string>): Reply {
  const fields = { ...answer, ...(form['state'] === undefined ? {} : { state: form['state'] }) };
  if (form['response_mode'] === 'form_post') return formPostPage({ redirectUri, fields });
  const target = new URL(redirectUri);
  if (form['response_mode'] === 'fragment') target.hash = new URLSearchParams(fields).toString();
  else for (const [name, value] of Object.entries(fields)) target.searchParams.set(name, value);
  return redirectTo(target.href);
}
