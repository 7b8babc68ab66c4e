// The agent's token side in the test's own process: the real session, MSAL, token endpoint client, store and receiver
// against the Entra simulator, with the store and the clock in the test's hands.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { AccountSession, type AccountSessionOptions } from '../../agent/auth/account-session.ts';
import type { AuthHealthEffect } from '../../agent/auth/auth-health.ts';
import { decodeEnvelope, type CacheEnvelope, type Connection } from '../../agent/auth/cache-envelope.ts';
import { CacheStore } from '../../agent/auth/cache-store.ts';
import { HandOffReceiver } from '../../agent/auth/hand-off-receiver.ts';
import { openMsalSession, type MsalSession } from '../../agent/auth/msal.ts';
import { createProfiles } from '../../agent/auth/profiles.ts';
import { TokenEndpointClient } from '../../agent/auth/token-endpoint.ts';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import { SignInHistory } from '../../agent/auth/sign-in-history.ts';
import { createDispatcher } from '../../agent/dispatcher.ts';
import { keptText } from '../../agent/files/kept-text.ts';
import { createLogger } from '../../agent/logger.ts';
import { trustedCertificates } from '../../extension/bus/trusted-certificates.ts';
import { signInWithDeviceCode } from '../../extension/consent/device-code-flow.ts';
import { createEntraHttp } from '../../extension/consent/entra-http.ts';
import type { ConnectionRules } from '../../agent/auth/connection-rules.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import type { Clock } from '../../shared/clock.ts';
import type { HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import { handOffClaims, sealAnyhow, signerOf } from './hand-offs.ts';
import type { EntraProcess } from './stack.ts';

export const workIqScopes = ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask', 'offline_access', 'openid', 'profile'];
/** A second audience: the mail server of the Agent 365 catalogue. */
export const mailScopes = ['16b1878d-62c7-4009-aa25-68989d63bbad/Tools.ListInvoke.All', 'offline_access', 'openid'];

export interface SessionHarnessOptions {
  entra: EntraProcess;
  clock: Clock;
  /** Stands between the session and its file. */
  wrapStore?: (store: CacheStore) => AccountSessionOptions['store'];
  backoff?: AccountSessionOptions['backoff'];
  refusalBackoff?: AccountSessionOptions['refusalBackoff'];
  /** Milliseconds for one request to Entra. */
  timeoutMs?: number;
  rules?: Partial<ConnectionRules>;
  /** Of the client that hands off; a new one when left out. */
  seed?: string;
  /** An earlier session's folder, to start again on it. */
  folder?: string;
}

export interface SessionHarness extends AsyncDisposable {
  session: AccountSession;
  workiq: TokenProvider;
  mail: TokenProvider;
  effects: AuthHealthEffect[];
  /** Refreshes that reached Entra, or tried to. */
  readonly refreshes: { ok: number; failed: number };
  /** Log lines. */
  log: string[];
  folder: string;
  file: string;
  stored(): Promise<CacheEnvelope>;
  /** Signs in and hands off. */
  connect(user?: string): Promise<HandOffReceipt>;
}

export async function startSession(options: SessionHarnessOptions): Promise<SessionHarness> {
  const { entra, clock, wrapStore = (store) => store, backoff, refusalBackoff, timeoutMs } = options;
  const rules = { trustedSigners: [], ...options.rules };
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'rockbot-session-')));
  const file = join(folder, 'secrets', 'workiq-cache.bin');
  const ca = await readFile(entra.caFile, 'utf8');
  const dispatcher = createDispatcher({ ca, env: {} });
  const closing = new AbortController();
  const { tenantId, clientId, authority } = entra;
  const openMsal = ({ account, cache }: Pick<Connection, 'account' | 'cache'>): MsalSession =>
    openMsalSession({
      clientId,
      authority,
      account,
      cache,
      network: new TokenEndpointClient({
        dispatcher: () => dispatcher.get(),
        closing: closing.signal,
        ...(timeoutMs !== undefined && { timeoutMs }),
      }),
    });
  const effects: AuthHealthEffect[] = [];
  const refreshes = { ok: 0, failed: 0 };
  const log: string[] = [];
  const history = await SignInHistory.open(
    keptText({
      path: join(folder, 'secrets', 'sign-in-history.json'),
      onProblem: (error) => void log.push(String(error)),
    }),
    (error) => void log.push(String(error)),
  );
  const session = new AccountSession({
    tenantId,
    clientId,
    authority,
    primaryScopes: workIqScopes,
    rules,
    history,
    store: wrapStore(new CacheStore({ path: file, clock })),
    openMsal,
    clock,
    logger: createLogger({ level: 'debug', write: (line) => void log.push(line) }),
    onEffect: (effect) => void effects.push(effect),
    onRefresh: (outcome) => void refreshes[outcome]++,
    ...(backoff !== undefined && { backoff }),
    ...(refusalBackoff !== undefined && { refusalBackoff }),
  });
  await session.start();
  const profiles = createProfiles(session, [
    { name: 'workiq', scopes: workIqScopes, allowedOrigins: [] },
    { name: 'mail', scopes: mailScopes, allowedOrigins: [] },
  ]);

  const keys = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
  const { x = '' } = await exportJWK(keys.publicKey);
  const jwk = { kty: 'OKP', crv: 'X25519', x } as const;
  const kid = await calculateJwkThumbprint(jwk);
  const seed = options.seed ?? createSeed();
  const receiver = new HandOffReceiver({
    session,
    privateKey: keys.privateKey,
    keyId: kid,
    tenantId,
    clientId,
    scopes: workIqScopes,
    ...rules,
    openMsal,
    clock,
  });
  const http = createEntraHttp({ ca: trustedCertificates(ca), env: {} });
  return {
    session,
    workiq: profiles.get('workiq') as TokenProvider,
    mail: profiles.get('mail') as TokenProvider,
    effects,
    refreshes,
    log,
    folder,
    file,
    stored: async () => decodeEnvelope(await readFile(file, 'utf8'), {}),
    async connect(user = 'adele') {
      const request = { tenantId, clientId, authority, scopes: workIqScopes };
      const signedIn = await signInWithDeviceCode(request, {
        http,
        onCode: ({ userCode }) => void entra.control.decideDeviceCode({ userCode, decision: 'approve', user }),
      });
      const publicKey = { ...jwk, kid };
      const profile = { agent: 'rockbot', ...request, publicKey, state: session.state() };
      const iat = Math.floor(clock.now() / 1_000);
      const claims = handOffClaims({ profile, signedIn, signer: signerOf(seed), changes: { iat, exp: iat + 120 } });
      return receiver.receive(await sealAnyhow({ claims, signer: signerOf(seed), recipient: publicKey }));
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the test is over'));
      await session.close();
      await history.close();
      await dispatcher.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
