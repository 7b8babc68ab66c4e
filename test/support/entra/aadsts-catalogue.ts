/** The AADSTS errors that matter to a public client, as data; it must not know when they happen. */

export interface AadstsEntry {
  error: string;
  message: string;
  suberror?: string;
  /** HTTP status, 400 unless told. */
  status?: number;
  /** JSON of a claims request that a new sign-in has to satisfy. */
  claims?: string;
  retryAfterSeconds?: number;
}

const CAPOLIDS = '{"access_token":{"capolids":{"essential":true,"values":["00000000-0000-4000-8000-00000000c0de"]}}}';
const MOVED =
  'Due to a configuration change made by your administrator, or because you moved to a new location, you must';

/**
 * Meanings are Microsoft's published ones, wording is abridged; `error`, `suberror` and status are the usual values.
 * Source: Microsoft Entra authentication and authorization error codes. Names in `{braces}` are filled per request.
 */
export const AADSTS = {
  16000: {
    error: 'interaction_required',
    message:
      'Either multiple user identities are available for the current request or selected account is not supported for the scenario.',
  },
  28000: {
    error: 'invalid_request',
    message:
      "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope '{scope}' is not valid.",
  },
  50011: {
    error: 'invalid_request',
    message:
      "The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs configured for the application '{client}'.",
  },
  50020: {
    error: 'invalid_grant',
    message:
      "User account '{user}' from another identity provider does not exist in tenant '{tenant}' and cannot access the application '{client}' in that tenant.",
  },
  50058: {
    error: 'login_required',
    message: 'A silent sign-in request was sent but no user is signed in.',
  },
  50076: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    claims: CAPOLIDS,
    message: `${MOVED} use multi-factor authentication to access '{resource}'.`,
  },
  50079: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    message: `${MOVED} enroll in multi-factor authentication to access '{resource}'.`,
  },
  50148: {
    error: 'invalid_grant',
    message:
      'The code_verifier is missing or does not match the code_challenge supplied in the authorization request for PKCE.',
  },
  50173: {
    error: 'invalid_grant',
    suberror: 'bad_token',
    message:
      'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
  },
  53000: {
    error: 'invalid_grant',
    suberror: 'message_only',
    message:
      'Device is not in required device state: compliant. Conditional Access policy requires a compliant device.',
  },
  53003: {
    error: 'invalid_grant',
    suberror: 'message_only',
    message: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
  54005: {
    error: 'invalid_grant',
    message:
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  },
  65001: {
    error: 'invalid_grant',
    suberror: 'consent_required',
    message:
      "The user or administrator has not consented to use the application with ID '{client}' named '{clientName}'. Send an interactive authorization request for this user and resource.",
  },
  65002: {
    error: 'invalid_grant',
    message:
      "Consent between first party application '{client}' and first party resource '{resource}' must be configured via preauthorization.",
  },
  65004: { error: 'access_denied', message: 'User declined to consent to access the app.' },
  70000: {
    error: 'invalid_grant',
    suberror: 'bad_token',
    message: "The provided value for the input parameter 'refresh_token' or 'code' is not valid.",
  },
  70003: { error: 'unsupported_grant_type', message: "The app requested an unsupported grant type '{grantType}'." },
  70008: {
    error: 'invalid_grant',
    message: 'The provided authorization code or refresh token has expired due to inactivity.',
  },
  70011: {
    error: 'invalid_scope',
    message:
      "The provided value for the input parameter 'scope' is not valid. .default scope can't be combined with resource-specific scopes.",
  },
  70016: {
    error: 'authorization_pending',
    message: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  },
  70018: { error: 'bad_verification_code', message: 'OAuth 2.0 device flow error. The device code is not known.' },
  70020: {
    error: 'expired_token',
    message: "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  },
  70043: {
    error: 'invalid_grant',
    suberror: 'token_expired',
    message:
      'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The maximum allowed lifetime for this request is {lifetime}.',
  },
  90002: {
    error: 'invalid_request',
    message:
      "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
  },
  90009: {
    error: 'invalid_request',
    message:
      'Application is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.',
  },
  90033: {
    error: 'temporarily_unavailable',
    status: 503,
    message: 'A transient error has occurred. Please try again.',
  },
  90055: {
    error: 'temporarily_unavailable',
    status: 429,
    retryAfterSeconds: 5,
    message: 'The tenant request rate is too high.',
  },
  90094: {
    error: 'access_denied',
    message:
      'Administrator consent is required. An administrator of {tenant} has not granted the permissions requested.',
  },
  500011: {
    error: 'invalid_resource',
    message:
      'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  },
  500112: {
    error: 'invalid_grant',
    message:
      "The reply address '{redirectUri}' does not match the reply address provided when requesting Authorization code.",
  },
  501481: {
    error: 'invalid_grant',
    message: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  },
  530084: {
    error: 'invalid_grant',
    suberror: 'message_only',
    message: 'Access has been blocked by conditional access token protection policy configured by this organization.',
  },
  650052: {
    error: 'invalid_client',
    status: 401,
    message:
      "The app is trying to access a service '{resource}' that your organization '{tenant}' lacks a service principal for. Contact your IT Admin to review the configuration of your service subscriptions or consent to the application in order to create the required service principal.",
  },
  650053: {
    error: 'invalid_client',
    status: 401,
    message:
      "The application '{clientName}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'.",
  },
  700016: {
    error: 'unauthorized_client',
    message:
      "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
  },
  700082: {
    error: 'invalid_grant',
    message:
      'The refresh token has expired due to inactivity. The token was issued on {issuedAt} and was inactive for 90.00:00:00.',
  },
  700084: {
    error: 'invalid_grant',
    suberror: 'token_expired',
    message:
      'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended.',
  },
  900144: {
    error: 'invalid_request',
    message: "The request body must contain the following parameter: '{parameter}'.",
  },
  900561: {
    error: 'invalid_request',
    message: 'The endpoint only accepts POST requests. Received a {method} request.',
  },
  7000218: {
    error: 'invalid_client',
    status: 401,
    message: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  9002325: {
    error: 'invalid_request',
    message: 'Proof Key for Code Exchange is required for authorization code redemption.',
  },
  9010010: {
    error: 'invalid_target',
    message: "The resource parameter provided in the request doesn't match with the requested scopes.",
  },
} as const satisfies Record<number, AadstsEntry>;

export type AadstsCode = keyof typeof AADSTS;

export const AADSTS_CODES = Object.keys(AADSTS).map(Number) as AadstsCode[];
