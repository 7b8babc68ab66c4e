/** Carries out the control operations on the simulator's state; it must not know HTTP. */
import { randomUUID } from 'node:crypto';
import { aadsts } from './aadsts.ts';
import { OPERATIONS } from './admin-contract.ts';
import type { EntraControl, OperationInput, OperationName, OperationOutput } from './admin-contract.ts';
import type { DeviceCode } from './device-codes.ts';
import { approveDeviceCode } from './device-login.ts';
import type { DirectoryUser } from './directory.ts';
import type { EntraState } from './entra-state.ts';
import type { Interactions } from './interactions.ts';
import { introspect } from './introspection.ts';
import { onlyResource, readScopes } from './scopes.ts';
import { mintTokens } from './tokens.ts';

type Handlers = {
  [Name in OperationName]: (
    input: ReturnType<(typeof OPERATIONS)[Name]['input']['parse']>,
  ) => OperationOutput<Name> | Promise<OperationOutput<Name>>;
};

export function createControl(options: {
  state: EntraState;
  interactions: Interactions;
  /** Called after every change of settings. */
  settingsChanged: () => Promise<void>;
}): EntraControl {
  const { state, interactions, settingsChanged } = options;
  const { settings, issued, faults, log, directory } = state;

  const handlers: Handlers = {
    settings: () => ({ ...settings }),
    changeSettings: async (change) => {
      for (const user of [change.autoApproveDeviceCodesAs, change.autoSignInAs]) if (user) userOf(state, user);
      state.applySettings(change);
      await settingsChanged();
      return { ...settings };
    },
    addFault: (fault) => faults.add(fault),
    faults: () => faults.list(),
    clearFaults: (input) => {
      faults.clear(input?.id);
      return {};
    },
    revokeRefreshTokens: (input = {}) => {
      const user = optionalUser(state, input.user);
      let revoked = 0;
      for (const token of issued.refreshTokens()) {
        if (user && token.session.user.oid !== user.oid) continue;
        const issuedAt = new Date(token.lastUsedMs).toISOString();
        token.revoked = () => aadsts(input.aadsts ?? 50173, { issuedAt }, { suberror: input.suberror });
        revoked += 1;
      }
      return { revoked };
    },
    revokeAccessTokens: (input = {}) => {
      const user = optionalUser(state, input.user);
      let revoked = 0;
      for (const token of issued.accessTokens()) {
        if (token.revokedAtMs !== undefined || (user && token.session.user.oid !== user.oid)) continue;
        token.revokedAtMs = Date.now();
        revoked += 1;
      }
      return { revoked };
    },
    revokeConsent: (input = {}) => {
      state.consents.revoke(optionalUser(state, input.user));
      return {};
    },
    deviceCodes: () => state.deviceCodes.list().map(viewOf),
    decideDeviceCode: ({ userCode, decision, user }) => {
      const code = deviceCodeOf(state, userCode);
      if (code.state !== 'pending') throw new Error(`device code ${userCode} is already ${code.state}`);
      if (decision === 'approve') approveDeviceCode(state, code, userOf(state, user ?? ''));
      else code.state = decision === 'decline' ? 'declined' : 'expired';
      return viewOf(code);
    },
    slowDownDeviceCode: ({ userCode, times = 1 }) => {
      const code = deviceCodeOf(state, userCode);
      code.slowDowns = times;
      return viewOf(code);
    },
    rotateSigningKey: () => state.keys.rotate(),
    counters: () => log.counters(),
    requests: () => log.entries(),
    secrets: () => issued.secrets(),
    issueTokens: (input) => issueTokens(state, input),
    addResource: (resource) => {
      directory.addResource(resource);
      return {};
    },
    introspect: ({ token }) => introspect(token, issued, settings),
    reset: async () => {
      for (const part of [issued, state.deviceCodes, state.browserSessions, interactions, log]) part.reset();
      state.consents.revoke();
      faults.clear();
      state.resetSettings();
      await settingsChanged();
      return {};
    },
  };
  return Object.fromEntries(
    Object.keys(OPERATIONS).map((name) => [name, operation(name as OperationName, handlers)]),
  ) as EntraControl;
}

function operation<Name extends OperationName>(name: Name, handlers: Handlers) {
  return async (input?: OperationInput<Name>): Promise<OperationOutput<Name>> => {
    const parsed = OPERATIONS[name].input.parse(input) as Parameters<Handlers[Name]>[0];
    return handlers[name](parsed);
  };
}

function issueTokens(state: EntraState, input: OperationInput<'issueTokens'>) {
  const user = userOf(state, input.user);
  const [first] = state.directory.clients();
  const client = input.clientId === undefined ? first : state.directory.client(input.clientId);
  if (!client) throw new Error('unknown client id');
  const requested = readScopes(input.scope, state.directory, client, user.tenantId);
  const session = {
    id: randomUUID(),
    user,
    clientId: client.clientId,
    authTimeMs: Date.now(),
    acrs: new Set<string>(),
  };
  return mintTokens(
    {
      session,
      tenantId: user.tenantId,
      requested,
      resource: onlyResource(requested, input.scope),
      claims: { acrs: [], capabilities: [], names: [] },
      withRefreshToken: requested.oidc.includes('offline_access'),
    },
    state,
  );
}

function deviceCodeOf(state: EntraState, userCode: string): DeviceCode {
  const code = state.deviceCodes.byUserCode(userCode);
  if (!code) throw new Error(`no device code with user code ${userCode}`);
  return code;
}

function userOf({ directory }: EntraState, handle: string): DirectoryUser {
  const user = directory.user(handle);
  const known = directory.users().map(({ key }) => key);
  if (!user) throw new Error(`unknown user '${handle}': name one of ${known.join(', ')}, a UPN or an object id`);
  return user;
}

function optionalUser(state: EntraState, handle: string | undefined): DirectoryUser | undefined {
  return handle === undefined ? undefined : userOf(state, handle);
}

function viewOf({ userCode, state, scope, polls }: DeviceCode) {
  return { userCode, state, scope, polls };
}
