// The composition root: makes every part of the agent from its configuration, in the order in which they need each other.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import type { AuthState } from '../shared/contract/auth-state.ts';
import { version } from '../shared/version.ts';
import { AgentAnnouncer } from './agent-announcer.ts';
import { openAuditLog } from './audit/audit-log.ts';
import { AuthAnnouncer } from './auth-announcer.ts';
import { Elicitations } from './bridge/elicitations.ts';
import type { Bus } from './bus.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { startHttpServer } from './http-server.ts';
import type { Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { noBus } from './no-bus.ts';
import { operatorProblem } from './operator-problem.ts';
import type { PatrolService } from './patrols/patrol-service.ts';
import { Readiness } from './readiness.ts';
import { serveBus } from './serve-bus.ts';
import { startAccount } from './start-account.ts';
import { startBridge } from './start-bridge.ts';
import { startBus } from './start-bus.ts';
import { startCalls } from './start-calls.ts';
import { takeVolume } from './take-volume.ts';
import { Teardown } from './teardown.ts';
import { startTracing } from './tracing.ts';
import { openWebhooks } from './webhook/open-webhooks.ts';

export interface StartAgentOptions {
  config: AgentConfig;
  logger: Logger;
  env: NodeJS.ProcessEnv;
  /** Ends the start; what was made by then is taken down. */
  signal: AbortSignal;
}

export interface RunningAgent {
  httpPort: number;
  /** Aborts when the agent must end by itself, with the reason. */
  fatal: AbortSignal;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Milliseconds after which servers are connected and patrols begin although the bus is not there. */
const busWaitMs = 1_000;
/** Milliseconds for an orderly stop. */
const stopMs = 7_500;

/** Resolves when the agent serves. Throws VolumeInUseError, CacheKeyError, or a file system error with a clear message. */
export async function startAgent(options: StartAgentOptions): Promise<RunningAgent> {
  const teardown = new Teardown({ logger: options.logger, deadlineMs: stopMs });
  const readiness = new Readiness();
  const close = (): Promise<void> => {
    readiness.stopping();
    return teardown.run();
  };
  try {
    return { ...(await startParts(options, { teardown, readiness })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  { config, logger, env, signal }: StartAgentOptions,
  { teardown, readiness }: { teardown: Teardown; readiness: Readiness },
): Promise<Omit<RunningAgent, 'close'>> {
  const about = { instance: randomUUID(), version, startedAt: new Date().toISOString() };
  const shared = { config, env, logger, teardown };
  const metrics = createMetrics(version);
  const volume = await takeVolume({ ...shared, metrics });
  // What exporting needs is loaded beside all else that a start has to do.
  const startingTracing = startTracing({ ...about, env, agent: config.name, logger });
  let flushed: Promise<void> | undefined;
  teardown.add('the traces', () => flushed);

  const http = await startHttpServer({
    ...config.http,
    notReady: () => readiness.trouble,
    metrics: () => metrics.text(),
  }).catch((error: unknown) => {
    const { host, port } = config.http;
    throw operatorProblem(`Http__Host and Http__Port: ${host}:${port} cannot be listened on`, error);
  });
  teardown.add('the HTTP endpoints', () => http.close());

  const webhooks = await openWebhooks({
    settings: config.webhook,
    agent: config.name,
    ca: config.workiq.ca,
    env,
    // Kept at once: what a crash loses nobody is told.
    kept: volume.keep('webhook-queue.json', { delayMs: 0 }),
    clock: systemClock,
    logger,
    onOutcome: metrics.webhookDelivery,
  });
  teardown.add('the webhook', () => webhooks.close());

  // Parts that come later follow the sign-in, too.
  const authFollowers: ((state: AuthState) => void)[] = [
    ({ status }) => {
      metrics.authStatus(status);
    },
    webhooks.follow,
  ];
  const authAnnouncer = new AuthAnnouncer({
    onLateNotice: (episodeId) => {
      session.noticeSent(episodeId);
    },
  });
  const account = await startAccount({
    ...shared,
    volume,
    onRefresh: metrics.refreshFinished,
    onEffect: (effect) => {
      if (effect.type === 'announce') for (const follow of authFollowers) follow(effect.state);
      return authAnnouncer.run(effect);
    },
  });
  const { session } = account;
  metrics.authStatus(session.state().status);

  const audit = await openAuditLog({
    path: join(config.dataDir, 'audit', 'audit.jsonl'),
    logger,
    onLost: metrics.auditLinesLost,
  });
  teardown.add('the audit log', () => audit.close());

  let bus: Bus | undefined;
  const announcer = new AgentAnnouncer({
    about,
    bus: () => bus,
    servers: () => bridge.list(),
    auth: () => session.state(),
  });
  const elicitations = new Elicitations({
    clock: systemClock,
    logger,
    onAsked: (question) => {
      bus?.publish('elicitationAsked', question);
    },
    onClosed: (elicitationId, outcome) => {
      bus?.publish('elicitationClosed', { elicitationId, outcome });
    },
  });
  const served = new AbortController();
  const mayLoad = systemClock.sleep(busWaitMs, served.signal).catch(() => undefined);
  const { bridge, registry, mcpFile } = await startBridge({
    ...shared,
    volume,
    session,
    elicitations,
    mayLoad,
    onChange: (removed) => {
      announcer.serversChanged(removed);
    },
  });
  let patrols: PatrolService | undefined;
  authFollowers.push((state) => {
    bridge.authChanged(state);
    patrols?.authChanged();
  });
  metrics.readFrom({
    servers: () => bridge.list(),
    knows: (server, tool) => bridge.knows(server, tool),
    auth: () => session.state(),
    patrols: () => patrols?.facts(),
  });
  // Once no call runs any more, and while the rest is taken down.
  teardown.add('the last traces', async () => {
    const tracing = await startingTracing;
    flushed = tracing.close();
  });

  const { connect, stopping } = startBus({
    ...shared,
    instance: about.instance,
    // The bus may be away for long; an agent that lost its volume meanwhile must not serve when it is back.
    signal: AbortSignal.any([signal, volume.lost]),
    onTrouble: (why) => {
      readiness.waitsForBus(why);
    },
    onConnection: (isConnected) => {
      metrics.busConnected(isConnected);
      if (!isConnected || bus === undefined) return;
      authAnnouncer.connected(bus);
      announcer.reconnected();
    },
    onStop: () => {
      announcer.stop();
      elicitations.close();
    },
    onLate: () => {
      bridge.cancelAll('The call was cancelled, because the agent is stopping.');
    },
  });
  const calls = startCalls({
    ...shared,
    bus: () => bus ?? noBus,
    auth: () => session.state(),
    bridge,
    audit,
    tracing: await startingTracing,
    metrics,
    webhooks,
  });
  ({ patrols } = calls);
  // An agent that nobody can reach for months does its patrols all the same.
  void mayLoad.then(() => calls.patrols.begin());

  bus = await connect();
  // It may be away again since.
  metrics.busConnected(bus.connected);
  await serveBus({
    ...shared,
    ...calls,
    bus,
    stopping,
    about: { instance: about.instance, version },
    beat: () => {
      announcer.beat();
    },
    account,
    bridge,
    registry,
    mcpFile,
    elicitations,
    audit,
    metrics,
  });
  readiness.serves({ bus, bridge });
  authAnnouncer.connected(bus);
  bus.publish('authChanged', session.state());
  announcer.start();
  // In the next turn: what servers need takes so long to load that the agent would be ready later for it.
  setImmediate(() => {
    served.abort();
  });
  // Told to stop since the bus was there: whoever did so had nothing to close yet.
  signal.throwIfAborted();
  return { httpPort: http.port, fatal: volume.lost };
}
