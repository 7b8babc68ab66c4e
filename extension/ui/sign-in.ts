// Puts the sign-in of this window together: how to sign, which way is reachable, what is loaded when it starts.
import { dirname } from 'node:path';
import { env, UIKind, type ExtensionContext, ExtensionKind } from 'vscode';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import { nkeyCredentials } from '../bus/bus-credentials.ts';
import { readCertificates } from '../bus/read-certificates.ts';
import { trustedCertificates } from '../bus/trusted-certificates.ts';
import { signerSecret } from '../contributions.ts';
import { createSignInMark } from '../connection/sign-in-mark.ts';
import { SignInSession } from '../connection/sign-in-session.ts';
import { signInWay } from '../connection/sign-in-way.ts';
import { createSeed } from '../consent/seed-file.ts';
import { credentialsSigner } from '../consent/signer.ts';
import { loadedPart } from '../loaded-part.ts';
import type { Connection } from './connection.ts';
import type { Log } from './log.ts';
import { createKeyApproval } from './key-approval.ts';
import { createSignInCommands, type SignInCommands } from './sign-in-commands.ts';

export interface SignInOptions {
  context: ExtensionContext;
  connection: Connection;
  /** Path of the mcp.json of the local agent that this window uses; undefined for another agent. */
  localFile: () => string | undefined;
  log: Log;
}

export function createSignIn({ context, connection, localFile, log }: SignInOptions): SignInCommands {
  const { session, settings } = connection;

  async function signer(): Promise<HandOffSigner> {
    const own = await connection.credentials();
    if (own !== undefined) return credentialsSigner(own);
    const stored = await context.secrets.get(signerSecret);
    const seed = stored ?? createSeed();
    if (stored === undefined) await context.secrets.store(signerSecret, seed);
    return credentialsSigner(nkeyCredentials(seed));
  }

  return createSignInCommands({
    createSession: (person) =>
      new SignInSession({
        bus: session,
        agentSignal: () => session.agentSignal,
        person,
        signer,
        loadConsent: () => loadedPart(import('../consent/consent.ts')),
        http: async (consent) =>
          consent.createEntraHttp({
            env: process.env,
            ca: trustedCertificates(await readCertificates(process.env['WorkIQ__CaFile'])),
          }),
      }),
    mark: createSignInMark({ memory: context.workspaceState, now: Date.now }),
    state: () => session.state,
    tell: (event) => session.signInChanged(event),
    keys: createKeyApproval({
      memory: context.globalState,
      agent: () => ({
        busUrl: session.target?.url ?? '',
        name: session.state.agentName,
        pinned: settings().agentPublicKey,
        localFolder: folderOf(localFile()),
      }),
    }),
    way: () =>
      signInWay({
        setting: settings().signIn,
        isRemote: env.remoteName !== undefined && context.extension.extensionKind === ExtensionKind.Workspace,
        isWeb: env.uiKind === UIKind.Web,
      }),
    overrides: () => ({ tenantId: settings().tenantId, clientId: settings().clientId }),
    disconnect: () => session.request('authDisconnect', {}),
    refresh: () => session.refresh(),
    log,
  });
}

function folderOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : dirname(file);
}
