// What the benchmarks run against: a real nats-server, the Entra simulator, and a lean echo server that asks it about every
// bearer, each a process of its own; agents, as built, are started beside them.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { trustedCertificates } from '../../extension/bus/trusted-certificates.ts';
import { signInWithDeviceCode } from '../../extension/consent/device-code-flow.ts';
import { createEntraHttp } from '../../extension/consent/entra-http.ts';
import { handOff, type HandOffStep } from '../../extension/consent/hand-off.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { credentialsSigner } from '../../extension/consent/signer.ts';
import type { SignedIn } from '../../extension/consent/sign-in.ts';
import type { HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { jsonLine, startChild } from '../support/child.ts';
import { startTestNats } from '../support/nats.ts';
import { agentEnvironment, startEntraProcess, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { loadRequester } from './shipped-requester.ts';

export interface BenchAgent extends AsyncDisposable {
  process: AgentProcess;
  bus: Bus;
  /** Hands the one sign-in of this run to the agent. */
  connect(onStep?: (step: HandOffStep) => void): Promise<HandOffReceipt>;
  /** Resolves when every server of mcp.json is ready. */
  serversReady(): Promise<void>;
}

export interface AgentOptions {
  /** Checkout whose dist/agent.cjs and whose requester are used. */
  folder: string;
  name: string;
  /** Entries in mcp.json, each the echo server with the profile's bearer. */
  servers?: number;
  /** Where they are; the echo server of the stack when left out. */
  echoUrl?: string;
}

export interface BenchStack extends AsyncDisposable {
  busUrl: string;
  echoUrl: string;
  entra: EntraProcess;
  /** Environment of an agent here, its name and volume left out. */
  agentEnv: Record<string, string>;
  /** A bearer that the echo server takes, as long as the agent's. */
  bearer: string;
  /** For files of the run; gone with the stack. */
  scratch: string;
  startAgent(options: AgentOptions): Promise<BenchAgent>;
  /** One that is connected, with every server ready. */
  startReadyAgent(options: AgentOptions): Promise<BenchAgent>;
}

const echoProgram = new URL('../support/echo-server.ts', import.meta.url).pathname;

export async function startBenchStack(): Promise<BenchStack> {
  await using cleanup = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'rockbot-bench-'));
  cleanup.defer(() => rm(scratch, { recursive: true, force: true }));
  const settings = { consent: 'granted', deviceCodeIntervalSeconds: 0.05, autoApproveDeviceCodesAs: 'adele' };
  const [nats, entra] = await Promise.all([startTestNats(), startEntraProcess(settings)]);
  cleanup.use(nats);
  cleanup.use(entra.child);
  const echo = await startChild({
    name: 'echo',
    args: [echoProgram, '--introspect', `${entra.adminUrl}/introspect`],
    readyLine: jsonLine,
  });
  cleanup.use(echo);
  const { url: echoUrl } = z.object({ url: z.string() }).parse(echo.ready);
  const { access_token: bearer } = await entra.control.issueTokens({
    user: 'adele',
    scope: 'api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask openid profile offline_access',
  });
  const agentEnv = { ...agentEnvironment(entra, { origin: new URL(echoUrl).origin }), Log__Level: 'info' };
  const http = createEntraHttp({ ca: trustedCertificates(readFileSync(entra.caFile, 'utf8')), env: {} });
  const signer = credentialsSigner(nkeyCredentials(createSeed()));
  let signedIn: Promise<SignedIn> | undefined;
  let requesters = 0;
  const owned = cleanup.move();

  async function startAgent({ folder, name, servers = 1, echoUrl: url = echoUrl }: AgentOptions): Promise<BenchAgent> {
    const entry = { type: 'http', url, auth: { profile: 'workiq' } };
    const names = Array.from({ length: servers }, (_, index) => (index === 0 ? 'echo' : `echo-${index}`));
    const process = await startAgentProcess({
      busUrl: nats.url,
      env: { ...agentEnv, Agent__Name: name, WorkIQ__AllowedOrigins: new URL(url).origin },
      mcpConfig: { mcpServers: Object.fromEntries(names.map((server) => [server, entry])) },
      program: join(folder, 'dist/agent.cjs'),
    });
    const connectBus = await loadRequester(folder, join(scratch, `requester-${++requesters}.cjs`));
    const bus = await connectBus({ url: nats.url, agent: name, source: 'bench' });
    return {
      process,
      bus,
      connect: (onStep) =>
        handOff({
          bus,
          signer,
          signIn: (request) => (signedIn ??= signInWithDeviceCode(request, { http, onCode: () => {} })),
          approveKey: async () => {},
          onStep,
        }),
      serversReady: () => serversReady(bus, servers),
      async [Symbol.asyncDispose]() {
        await bus.close();
        await process[Symbol.asyncDispose]();
      },
    };
  }

  async function startReadyAgent(options: AgentOptions): Promise<BenchAgent> {
    await using undo = new AsyncDisposableStack();
    const agent = undo.use(await startAgent(options));
    await agent.connect();
    await agent.serversReady();
    undo.move();
    return agent;
  }

  return {
    busUrl: nats.url,
    echoUrl,
    entra,
    agentEnv,
    bearer,
    scratch,
    startAgent,
    startReadyAgent,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function serversReady(bus: Bus, count: number): Promise<void> {
  let states: string[] = [];
  await until(
    () => `${count} servers are ready, not ${states.join(', ')}`,
    async () => {
      const { servers } = await bus.request('toolList', {});
      states = servers.map(({ name, state }) => `${name} ${state}`);
      return servers.filter(({ state }) => state === 'ready').length === count;
    },
    { timeoutMs: 20_000, everyMs: 20 },
  );
}
