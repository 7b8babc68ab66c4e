// The whole product around a test: a real nats-server, both simulators and the agent as processes of their own, and a UI on
// the bus that signs in as a person would.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { connectBus, type Bus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { createEntraHttp } from '../../extension/consent/entra-http.ts';
import { trustedCertificates } from '../../extension/bus/trusted-certificates.ts';
import { signInWithDeviceCode } from '../../extension/consent/device-code-flow.ts';
import { handOff } from '../../extension/consent/hand-off.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { credentialsSigner } from '../../extension/consent/signer.ts';
import type { SignedIn, SignInRequest } from '../../extension/consent/sign-in.ts';
import type { HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import type { ReplyOf } from '../../shared/contract/contract.ts';
import type { NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import { startAgentProcess, type AgentProcess } from './agent-process.ts';
import { jsonLine, startChild, type Child } from './child.ts';
import type { EntraControl } from './entra/admin-contract.ts';
import { connectEntra } from './entra/client.ts';
import { startTestNats, type TestNatsOptions } from './nats.ts';
import { connectWorkIqAdmin } from './workiq/client.ts';
import type { WorkIqControl } from './workiq/control.ts';

const entraReady = z.looseObject({
  authority: z.string(),
  adminUrl: z.string(),
  caFile: z.string(),
  tenantId: z.string(),
  clientId: z.string(),
});
const workIqReady = z.looseObject({
  origin: z.string(),
  mcpUrl: z.string(),
  adminUrl: z.string(),
  mailUrl: z.string(),
  calendarUrl: z.string(),
});

export type EntraProcess = z.infer<typeof entraReady> & { child: Child; control: EntraControl };
export type WorkIqProcess = z.infer<typeof workIqReady> & { child: Child; control: WorkIqControl };

const here = (path: string): string => new URL(path, import.meta.url).pathname;

/** `settings`: see entra/settings.ts. */
export async function startEntraProcess(settings: object = {}): Promise<EntraProcess> {
  const child = await startChild({
    name: 'entra',
    args: [here('entra/main.ts'), '--settings', JSON.stringify(settings)],
    readyLine: jsonLine,
  });
  const ready = entraReady.parse(child.ready);
  return { ...ready, child, control: connectEntra(ready.adminUrl) };
}

/** `settings`: see workiq/settings.ts. */
export async function startWorkIqProcess(
  entra: Pick<EntraProcess, 'adminUrl' | 'tenantId'>,
  settings: object = {},
): Promise<WorkIqProcess> {
  const args = [
    here('workiq/main.ts'),
    '--introspect',
    `${entra.adminUrl}/introspect`,
    '--tenant',
    entra.tenantId,
    '--settings',
    JSON.stringify(settings),
  ];
  const child = await startChild({ name: 'workiq', args, readyLine: jsonLine });
  const ready = workIqReady.parse(child.ready);
  return { ...ready, child, control: connectWorkIqAdmin(ready.adminUrl) };
}

export interface StackOptions {
  entra?: object;
  workiq?: object;
  nats?: TestNatsOptions;
  agentEnv?: Record<string, string>;
  /** Entries of mcp.json; the single endpoint as `workiq` when left out. */
  servers?: (workiq: WorkIqProcess) => object;
  /** Seed of the UI's nkey; a new one when left out. */
  uiSeed?: string;
}

export interface Stack extends AsyncDisposable {
  nats: NatsServerProcess;
  entra: EntraProcess;
  workiq: WorkIqProcess;
  agent: AgentProcess;
  ui: Bus;
  uiSeed: string;
  /** Signs in by device code, approved at once, and hands off. */
  connect(options?: { user?: string; bus?: Bus; seed?: string }): Promise<HandOffReceipt>;
  /** A sign-in without a hand-off: MSAL's serialized cache, for tests that make hand-offs of their own. */
  signIn(request: SignInRequest, user?: string): Promise<SignedIn>;
  call(tool: string, args: object, options?: { server?: string; timeoutMs?: number }): Promise<ReplyOf<'toolInvoke'>>;
  /** Replaces `agent`. */
  restartAgent(options?: Parameters<AgentProcess['restart']>[0]): Promise<void>;
  /** Environment of the agent. */
  agentEnv: Record<string, string>;
  /** Everything that any process of the stack has printed, except the simulators. */
  output(): string;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack();
  // All that starts is ended when another fails to, or the test file would never end.
  const [startedNats, startedEntra] = await Promise.allSettled([
    startTestNats(options.nats),
    startEntraProcess(options.entra),
  ]);
  if (startedNats.status === 'fulfilled') cleanup.use(startedNats.value);
  if (startedEntra.status === 'fulfilled') cleanup.use(startedEntra.value.child);
  if (startedNats.status === 'rejected') throw startedNats.reason;
  if (startedEntra.status === 'rejected') throw startedEntra.reason;
  const [nats, entra] = [startedNats.value, startedEntra.value];
  const workiq = await startWorkIqProcess(entra, options.workiq);
  cleanup.use(workiq.child);
  const agentEnv = { ...agentEnvironment(entra, workiq), ...options.agentEnv };
  const servers = options.servers?.(workiq) ?? {
    workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } },
  };
  const agent = await startAgentProcess({ busUrl: nats.url, env: agentEnv, mcpConfig: { mcpServers: servers } });
  cleanup.use(agent);
  const outputs: AgentProcess[] = [agent];
  const uiSeed = options.uiSeed ?? createSeed();
  const ui = await connectBus({
    url: nats.url,
    agent: agentEnv['Agent__Name'] ?? 'rockbot',
    source: 'test',
    ...(options.uiSeed !== undefined && { credentials: nkeyCredentials(uiSeed) }),
  });
  const http = createEntraHttp({ ca: trustedCertificates(readFileSync(entra.caFile, 'utf8')), env: {} });
  const signIn = (request: SignInRequest, user = 'adele'): Promise<SignedIn> =>
    signInWithDeviceCode(request, {
      http,
      onCode: ({ userCode }) => void entra.control.decideDeviceCode({ userCode, decision: 'approve', user }),
    });
  const owned = cleanup.move();
  const stack: Stack = {
    nats,
    entra,
    workiq,
    agent,
    ui,
    uiSeed,
    agentEnv,
    signIn,
    connect: ({ user, bus = ui, seed = uiSeed } = {}) =>
      handOff({
        bus,
        signer: credentialsSigner(nkeyCredentials(seed)),
        signIn: (request) => signIn(request, user),
        approveKey: async () => {},
      }),
    call: (tool, args, { server = 'workiq', timeoutMs } = {}) =>
      ui.request(
        'toolInvoke',
        {
          callId: crypto.randomUUID(),
          server,
          tool,
          arguments: { ...args },
          ...(timeoutMs !== undefined && { timeoutMs }),
        },
        { timeoutMs: (timeoutMs ?? 60_000) + 5_000 },
      ),
    async restartAgent(restart) {
      stack.agent = await stack.agent.restart(restart);
      outputs.push(stack.agent);
    },
    output: () => outputs.map((process) => process.output()).join(''),
    async [Symbol.asyncDispose]() {
      await ui.close();
      await stack.agent[Symbol.asyncDispose]();
      await owned.disposeAsync();
    },
  };
  return stack;
}

export function agentEnvironment(entra: EntraProcess, workiq?: Pick<WorkIqProcess, 'origin'>): Record<string, string> {
  return {
    WorkIQ__TenantId: entra.tenantId,
    WorkIQ__ClientId: entra.clientId,
    WorkIQ__Authority: entra.authority,
    WorkIQ__CaFile: entra.caFile,
    ...(workiq !== undefined && { WorkIQ__AllowedOrigins: workiq.origin }),
    Log__Level: 'debug',
  };
}
