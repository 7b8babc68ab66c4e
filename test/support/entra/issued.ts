/** Record of every secret ever issued and of what each stands for; it must not know requests or when to issue. */
import { randomBytes } from 'node:crypto';
import type { EntraError } from './aadsts.ts';
import type { DirectoryUser, ResourceApp } from './directory.ts';

/** One sign-in and everything that descends from it. */
export interface Session {
  id: string;
  user: DirectoryUser;
  clientId: string;
  authTimeMs: number;
  /** Authentication contexts satisfied at sign-in or stepped up to later. */
  acrs: Set<string>;
}

export interface RefreshToken {
  token: string;
  session: Session;
  lastUsedMs: number;
  rotated: boolean;
  /** Makes the refusal that its use gets. */
  revoked?: () => EntraError;
}

export interface AccessToken {
  token: string;
  session: Session;
  audience: string;
  app: ResourceApp;
  tenantId: string;
  claims: Record<string, unknown>;
  expiresAtMs: number;
  revokedAtMs?: number;
}

export interface AuthorizationCode {
  code: string;
  session: Session;
  tenantId: string;
  redirectUri: string;
  scope: string;
  codeChallenge?: string | undefined;
  nonce?: string | undefined;
  claims?: string | undefined;
  expiresAtMs: number;
  redeemed: boolean;
}

export const SECRET_KINDS = ['access_token', 'refresh_token', 'id_token', 'device_code', 'authorization_code'] as const;

export type SecretKind = (typeof SECRET_KINDS)[number];

export type Issued = ReturnType<typeof createIssued>;

export function createIssued() {
  const refreshTokens = new Map<string, RefreshToken>();
  const accessTokens = new Map<string, AccessToken>();
  const codes = new Map<string, AuthorizationCode>();
  const secrets: { kind: SecretKind; value: string }[] = [];
  const remember = (kind: SecretKind, value: string): void => void secrets.push({ kind, value });

  return {
    remember,
    secrets: () => [...secrets],
    refreshToken: (token: string) => refreshTokens.get(token),
    accessToken: (token: string) => accessTokens.get(token),
    code: (code: string) => codes.get(code),
    refreshTokens: () => refreshTokens.values(),
    accessTokens: () => accessTokens.values(),
    addRefreshToken(session: Session): RefreshToken {
      const entry = { token: opaque('1.AXkA', 480), session, lastUsedMs: Date.now(), rotated: false };
      refreshTokens.set(entry.token, entry);
      remember('refresh_token', entry.token);
      return entry;
    },
    addAccessToken(entry: AccessToken): void {
      accessTokens.set(entry.token, entry);
      remember('access_token', entry.token);
    },
    addCode(entry: Omit<AuthorizationCode, 'code' | 'redeemed'>): AuthorizationCode {
      const code = { ...entry, code: opaque('1.AXkA', 320), redeemed: false };
      codes.set(code.code, code);
      remember('authorization_code', code.code);
      return code;
    },
    /** Forgets all grants; the list of secrets stays, for a leak may show up later. */
    reset(): void {
      refreshTokens.clear();
      accessTokens.clear();
      codes.clear();
    },
  };
}

/** Opaque value in the look of Entra's: a short fixed head and base64url text. */
export function opaque(head: string, bytes: number): string {
  return `${head}${randomBytes(bytes).toString('base64url')}`;
}
