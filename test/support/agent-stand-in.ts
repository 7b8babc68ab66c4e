// A small agent on a real bus for tests of the UI tier: it speaks the contract and opens real hand-offs, but signs in
// nowhere and calls no server; what tools answer is the test's to say.
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { connect, headers as createHeaders, nkeyAuthenticator, type Msg } from 'nats.ws';
import {
  events,
  requests,
  type EventName,
  type EventOf,
  type RequestName,
  type RequestOf,
} from '../../shared/contract/contract.ts';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { McpFileContent } from '../../shared/contract/manage-messages.ts';
import { metadataHeaders } from '../../shared/contract/metadata.ts';
import type { ListedServer, ToolInvocation } from '../../shared/contract/tool-messages.ts';
import { checkSignIn } from '../../agent/checks/check-sign-in.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { HandOffClaims } from '../../shared/hand-off/hand-off-claims.ts';
import { openHandOff } from '../../shared/hand-off/open-hand-off.ts';

export interface AgentStandInOptions {
  busUrl: string;
  /** Seed of the agent's nkey, on a bus with users. */
  seed?: Uint8Array;
  agent?: string;
  /** Where the UI is told to sign in. */
  entra?: { authority: string; tenantId: string; clientId: string };
  scopes?: string[];
  profile?: Partial<AuthProfile>;
  state?: Partial<AuthState>;
  servers?: ListedServer[];
  /** Answers a call; rejects with a RockBotError to refuse it. */
  tool?: (call: ToolInvocation, signal: AbortSignal) => Promise<object>;
  /** Throws to refuse a hand-off. */
  onHandOff?: (claims: HandOffClaims) => void | Promise<void>;
  /** What its servers have beside tools, who answers their questions, and its patrols. */
  content?: Partial<ContentHandlers>;
  /** False for an agent of a version that does not give its mcp.json. */
  givesMcpFile?: boolean;
  /** Answers larger than this go out in parts. */
  partBytes?: number;
  heartbeatMs?: number;
  version?: string;
  instance?: string;
  /** Milliseconds by which its clock is ahead. */
  clockAheadMs?: number;
  /** What it finds about itself, beside its sign-in and its servers. */
  findings?: Finding[];
  /** False for an agent of a version that does not look at itself. */
  looksAtItself?: boolean;
}

export interface AgentStandIn extends AsyncDisposable {
  readonly handOffs: HandOffClaims[];
  readonly calls: ToolInvocation[];
  /** Ids of calls that a UI cancelled. */
  readonly cancelled: string[];
  readonly managed: unknown[];
  /** `rb-source` of every request. */
  readonly sources: string[];
  state: AuthState;
  /** As it answers who asks for it. */
  profile(): Promise<AuthProfile>;
  publish<Name extends EventName>(name: Name, payload: EventOf<Name>, callId?: string): Promise<void>;
  close(): Promise<void>;
}

type ContentHandlers = {
  [
    Name in
      | 'resourceList'
      | 'resourceRead'
      | 'promptList'
      | 'promptGet'
      | 'elicitationAnswer'
      | 'patrolList'
      | 'patrolRunNow'
      | 'patrolHistory'
  ]: (request: RequestOf<Name>) => Promise<object> | object;
};

const scope = 'api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask';

export async function startAgentStandIn(options: AgentStandInOptions): Promise<AgentStandIn> {
  const { busUrl, agent = 'rockbot', partBytes = 512 * 1024, version = '0.0.0', instance = 'test' } = options;
  const connection = await connect({
    servers: busUrl,
    ...(options.seed !== undefined && { authenticator: nkeyAuthenticator(options.seed) }),
  });
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'X25519', x });
  const running = new Map<string, AbortController>();
  const since = new Date().toISOString();
  const standIn: Omit<AgentStandIn, 'profile' | 'publish' | 'close' | typeof Symbol.asyncDispose> = {
    handOffs: [],
    calls: [],
    cancelled: [],
    managed: [],
    sources: [],
    state: { status: 'not_connected', since, generation: 0, ...options.state },
  };

  const mcpFile: McpFileContent = {
    text: '{}',
    version: 'v1',
    exists: true,
    editing: 'registered',
    profiles: [],
    environment: [],
    tenantId: '11111111-1111-4111-8111-111111111111',
  };
  const look = () => ({
    agent,
    instance,
    version,
    clock: new Date(Date.now() + (options.clockAheadMs ?? 0)).toISOString(),
    findings: [
      finding('agent.single', 'ok', 'It has heard of no other agent with its name.'),
      ...(options.findings ?? []),
      checkSignIn(standIn.state),
      ...(options.servers ?? []).map(({ name: of, state, error }) =>
        state === 'ready'
          ? finding('server.reach', 'ok', 'It lists its tools.', { of })
          : finding('server.reach', 'failed', error?.message ?? state, { of, action: error?.action }),
      ),
    ],
  });
  const handlers: { [Name in RequestName]: (request: never) => Promise<object> | object } = {
    authProfile: () => ({
      agent,
      tenantId: options.entra?.tenantId ?? '11111111-1111-4111-8111-111111111111',
      clientId: options.entra?.clientId ?? '22222222-2222-4222-8222-222222222222',
      authority: options.entra?.authority ?? 'https://login.example/11111111-1111-4111-8111-111111111111',
      scopes: options.scopes ?? ['openid', 'profile', 'offline_access', scope],
      publicKey: { kty: 'OKP', crv: 'X25519', x, kid },
      state: standIn.state,
      ...options.profile,
    }),
    authCache: async ({ sealed }: { sealed: string }) => {
      const claims = await openHandOff({ sealed, privateKey });
      await options.onHandOff?.(claims);
      standIn.handOffs.push(claims);
      const account = { id: claims.accountId, username: claims.username, tenantId: claims.tenantId };
      standIn.state = { status: 'connected', account, since, generation: claims.gen };
      return {
        account,
        generation: claims.gen,
        scopes: claims.scopes,
        accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
        state: standIn.state,
      };
    },
    authState: () => standIn.state,
    authDisconnect: () => {
      const { account } = standIn.state;
      standIn.state = { status: 'not_connected', since, generation: standIn.state.generation };
      return {
        disconnected: account !== undefined,
        removed: account === undefined ? [] : ['the token cache'],
        account,
        state: standIn.state,
      };
    },
    toolList: () => ({ agent, auth: standIn.state, servers: options.servers ?? [], problems: [] }),
    toolInvoke: async (call: ToolInvocation) => {
      standIn.calls.push(call);
      const controller = new AbortController();
      running.set(call.callId, controller);
      try {
        const result = await (options.tool ?? (async () => ({ content: [] })))(call, controller.signal);
        return { callId: call.callId, server: call.server ?? 'workiq', tool: call.tool, durationMs: 5, result };
      } finally {
        running.delete(call.callId);
      }
    },
    toolCancel: ({ callId }: { callId: string }) => {
      standIn.cancelled.push(callId);
      const controller = running.get(callId);
      controller?.abort(new RockBotError({ code: 'cancelled', message: 'The call was cancelled.' }));
      return { callId, cancelled: controller !== undefined };
    },
    mcpFile: () => ({ file: mcpFile }),
    mcpManage: (request: RequestOf<'mcpManage'>) => {
      // A window reads it by itself, to know the agent's profiles.
      if (request.action === 'read' && options.givesMcpFile === false)
        throw new RockBotError({ code: 'invalid_request', message: 'No such action.' });
      if (request.action === 'read') return { servers: [], file: mcpFile };
      standIn.managed.push(request);
      return { servers: options.servers ?? [] };
    },
    resourceList: () => ({ servers: [] }),
    resourceRead: ({ server, uri }: RequestOf<'resourceRead'>) => ({ server, uri, durationMs: 5, contents: [] }),
    promptList: () => ({ servers: [] }),
    promptGet: ({ server, name }: RequestOf<'promptGet'>) => ({ server, name, durationMs: 5, messages: [] }),
    elicitationAnswer: ({ elicitationId }: RequestOf<'elicitationAnswer'>) => ({ elicitationId, accepted: true }),
    patrolList: () => ({ patrols: [], problems: [] }),
    patrolRunNow: ({ patrol }: RequestOf<'patrolRunNow'>) => {
      throw new RockBotError({ code: 'invalid_request', message: `There is no patrol "${patrol}".` });
    },
    patrolHistory: () => ({ runs: [] }),
    agentLook: () => look(),
    agentCheck: () => look(),
    ...options.content,
  };

  const respond = (message: Msg, reply: object): void => {
    const bytes = new TextEncoder().encode(JSON.stringify(reply));
    const count = Math.ceil(bytes.length / partBytes);
    for (let index = 0; index < count; index += 1) {
      const headers = createHeaders();
      headers.set(metadataHeaders.version, '1');
      if (count > 1) headers.set(metadataHeaders.chunk, `${index}/${count}`);
      message.respond(bytes.subarray(index * partBytes, (index + 1) * partBytes), { headers });
    }
  };
  for (const [name, definition] of Object.entries(requests)) {
    const handler = handlers[name as RequestName] as ((request: unknown) => Promise<object> | object) | undefined;
    if (handler === undefined) continue;
    if (options.looksAtItself === false && (name === 'agentLook' || name === 'agentCheck')) continue;
    const answer = async (message: Msg): Promise<void> => {
      standIn.sources.push(message.headers?.get(metadataHeaders.source) ?? '');
      try {
        respond(message, { ok: true, ...(await handler(definition.request.parse(JSON.parse(message.string())))) });
      } catch (failure) {
        respond(message, { ok: false, error: toWireError(failure) });
      }
    };
    connection.subscribe(definition.subject(agent), {
      callback: (error, message) => {
        if (error === null) void answer(message);
      },
    });
  }

  const publish: AgentStandIn['publish'] = async (name, payload, callId) => {
    const subject = events[name].subject(callId === undefined ? agent : `${agent}.${callId}`);
    connection.publish(subject, JSON.stringify(payload));
    await connection.flush();
  };
  const heartbeat = setInterval(() => {
    const servers = (options.servers ?? []).map((server) => ({ ...server, tools: server.tools.length }));
    const status = { instance, version, startedAt: since, auth: standIn.state, servers };
    void publish('agentStatus', status).catch(() => undefined);
  }, options.heartbeatMs ?? 200);
  await connection.flush();
  const close = async (): Promise<void> => {
    clearInterval(heartbeat);
    await connection.close();
  };
  const profile = async (): Promise<AuthProfile> =>
    requests.authProfile.reply.parse(await handlers.authProfile({} as never));
  return Object.assign(standIn, { profile, publish, close, [Symbol.asyncDispose]: close });
}
