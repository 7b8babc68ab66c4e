// What the bridge needs of a profile: a bearer, another one when that was refused, and where it may be sent.

export interface RefreshOptions {
  /** The token that a server refused; when another one is held by now, that one is returned without a request. */
  rejected?: string | undefined;
  /** JSON text of a claims challenge, passed on to Entra. */
  claims?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface TokenProvider {
  readonly profile: string;
  /** Origins that may receive the bearer, as `URL.origin`. */
  readonly allowedOrigins: ReadonlySet<string>;
  /**
   * An access token that is valid now; synchronous while one is held. Throws RockBotError `auth_required`,
   * `consent_required`, `admin_action_required`, or `server_unavailable` while Entra is out of reach.
   */
  token(signal?: AbortSignal): string | Promise<string>;
  /** A fresh access token from Entra; one request for all callers that come meanwhile. Throws as `token` does. */
  refresh(options: RefreshOptions): Promise<string>;
  /** Hears that a server took a token, where it matters. */
  accepted?(): void;
  /** Hears that a server refused a token that was fetched for it, with the claims that it had asked for. */
  refused?(token: string, claims: string | undefined): void;
}
