// The composition root: makes every part of the agent from its configuration and takes them down in reverse order.
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import { heartbeatIntervalMs } from '../shared/contract/status-messages.ts';
import { RockBotError } from '../shared/errors/rockbot-error.ts';
import { version } from '../shared/version.ts';
import { AuthAnnouncer } from './auth-announcer.ts';
import { AccountSession } from './auth/account-session.ts';
import { loadAgentKey } from './auth/agent-key.ts';
import type { Connection } from './auth/cache-envelope.ts';
import { CacheStore } from './auth/cache-store.ts';
import { createEntraLog } from './auth/entra-log.ts';
import { HandOffReceiver } from './auth/hand-off-receiver.ts';
import { openMsalSession, type MsalSession } from './auth/msal.ts';
import { createProfiles } from './auth/profiles.ts';
import { SignInHistory } from './auth/sign-in-history.ts';
import { retryRefusedGrant } from './auth/retry-refused-grant.ts';
import { TokenEndpointClient } from './auth/token-endpoint.ts';
import { openAuditLog } from './audit/audit-log.ts';
import { Bridge } from './bridge/bridge.ts';
import { CallBudget } from './bridge/call-budget.ts';
import { ToolMemory } from './bridge/tool-memory.ts';
import { watchConfig } from './bridge/config-watch.ts';
import { Elicitations } from './bridge/elicitations.ts';
import { ServerRegistry } from './bridge/server-registry.ts';
import { Bus } from './bus.ts';
import { createCallRunner } from './call-runner.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { ConfigError } from './config/config-problems.ts';
import { createDispatcher } from './dispatcher.ts';
import { keptText, type KeptText } from './files/kept-text.ts';
import { makeFolder } from './files/private-folder.ts';
import { acquireVolumeLock } from './files/volume-lock.ts';
import { createAuthHandlers } from './handlers/auth-handlers.ts';
import { createContentHandlers } from './handlers/content-handlers.ts';
import { createElicitationHandlers } from './handlers/elicitation-handlers.ts';
import { createInvokeHandler } from './handlers/invoke-handler.ts';
import { createPatrolHandlers } from './handlers/patrol-handlers.ts';
import { createToolHandlers } from './handlers/tool-handlers.ts';
import { FailureNotices } from './failure-notices.ts';
import { startHttpServer } from './http-server.ts';
import type { Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { announcePatrols } from './patrols/announce-patrols.ts';
import { createPatrolCall } from './patrols/patrol-call.ts';
import { PatrolService } from './patrols/patrol-service.ts';
import { startTracing } from './tracing.ts';
import { openWebhooks } from './webhook/open-webhooks.ts';

export interface RunningAgent {
  httpPort: number;
  /** Aborts when the agent must end by itself, with the reason. */
  fatal: AbortSignal;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Milliseconds in which changes of servers are collected. */
const announceDelayMs = 50;
/** Milliseconds after which servers are connected although the bus is not. */
const serversWaitMs = 1_000;

/** Resolves when the agent serves. Throws VolumeInUseError, CacheKeyError, or a file system error with a clear message. */
export async function startAgent({
  config,
  logger,
  env,
  signal,
}: {
  config: AgentConfig;
  logger: Logger;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}): Promise<RunningAgent> {
  const teardown: (() => Promise<void> | void)[] = [];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      for (const step of teardown.reverse())
        await Promise.resolve(step()).catch((error: unknown) => {
          logger.error('A part did not stop cleanly.', { error });
        });
    })();
    return closed;
  };
  try {
    return await start();
  } catch (error) {
    await close();
    throw error;
  }

  async function start(): Promise<RunningAgent> {
    const instance = randomUUID();
    const removedServers = new Set<string>();
    let announcement: ReturnType<typeof setTimeout> | undefined;
    const startedAt = new Date().toISOString();
    await makeFolder(config.dataDir).catch((error: unknown) => {
      throw problem(`Agent__DataDir is "${config.dataDir}", which cannot be made`, error);
    });
    const lock = await acquireVolumeLock(join(config.dataDir, 'agent.lock'));
    teardown.push(() => lock.release());

    const metrics = createMetrics(version);
    // What exporting needs is loaded beside all else that a start has to do.
    const startingTracing = startTracing({ env, agent: config.name, instance, version, logger });
    let flushed: Promise<void> | undefined;
    teardown.push(() => flushed);
    let bus: Bus | undefined;
    let busTrouble = 'The bus is not connected.';
    let bridge: Bridge | undefined;
    let patrols: PatrolService | undefined;
    const http = await startHttpServer({
      ...config.http,
      notReady: () =>
        bus === undefined
          ? busTrouble
          : (bus.trouble ?? (bridge?.started === true ? undefined : 'The bridge has not started.')),
      metrics: () => metrics.text(),
    }).catch((error: unknown) => {
      throw problem(`Http__Host and Http__Port: ${config.http.host}:${config.http.port} cannot be listened on`, error);
    });
    teardown.push(() => http.close());

    const { workiq, profiles } = config;
    const [{ scopes }] = profiles;
    const keep = (name: string, more: { folder?: string; delayMs?: number } = {}): KeptText =>
      keptText({
        path: join(more.folder ?? config.dataDir, name),
        onProblem: (error) => {
          logger.error('A file of the volume cannot be used; what it keeps is in memory only until a restart.', {
            file: name,
            error,
          });
        },
        ...(more.delayMs !== undefined && { delayMs: more.delayMs }),
      });
    // Kept at once: what a crash loses nobody is told.
    const webhooks = await openWebhooks({
      settings: config.webhook,
      agent: config.name,
      ca: workiq.ca,
      env,
      kept: keep('webhook-queue.json', { delayMs: 0 }),
      clock: systemClock,
      logger,
      onOutcome: metrics.webhookDelivery,
    });
    teardown.push(() => webhooks.close());
    const signInHistory = await SignInHistory.open(
      keep('sign-in-history.json', { folder: dirname(workiq.cacheFile) }),
      (error) => {
        logger.warn('How earlier sign-ins ended makes no sense and is learnt anew.', { error });
      },
    );
    teardown.push(() => signInHistory.close());
    const announcer = new AuthAnnouncer({
      onLateNotice: (episodeId) => {
        session.noticeSent(episodeId);
      },
    });
    const entraDispatcher = createDispatcher({ ca: workiq.ca, env });
    const entraLog = createEntraLog(logger);
    const closing = new AbortController();
    const openMsal = ({ account, cache }: Pick<Connection, 'account' | 'cache'>): MsalSession =>
      openMsalSession({
        clientId: workiq.clientId,
        authority: workiq.authority,
        account,
        cache,
        network: new TokenEndpointClient({
          dispatcher: () => entraDispatcher.get(),
          closing: closing.signal,
          log: entraLog,
        }),
      });
    const session = new AccountSession({
      tenantId: workiq.tenantId,
      clientId: workiq.clientId,
      authority: workiq.authority,
      primaryScopes: scopes,
      rules: workiq,
      history: signInHistory,
      store: new CacheStore({ path: workiq.cacheFile, key: workiq.cacheKey, clock: systemClock }),
      openMsal,
      clock: systemClock,
      logger,
      onRefresh: (outcome) => {
        metrics.refreshFinished(outcome);
      },
      onEffect: (effect) => {
        if (effect.type === 'announce') {
          metrics.authStatus(effect.state.status);
          bridge?.authChanged(effect.state);
          patrols?.authChanged();
          webhooks.follow(effect.state);
        }
        return announcer.run(effect);
      },
    });
    await session.start();
    metrics.authStatus(session.state().status);
    teardown.push(async () => {
      closing.abort(new Error('The agent is stopping.'));
      await session.close();
      await entraDispatcher.close();
    });

    const key = await loadAgentKey(join(config.dataDir, 'secrets', 'agent-key.jwk'), {
      cacheFile: workiq.cacheFile,
      logger,
    }).catch((error: unknown) => {
      throw problem('The agent key cannot be used', error);
    });
    const receiver = new HandOffReceiver({
      session,
      privateKey: key.privateKey,
      keyId: key.publicKey.kid,
      tenantId: workiq.tenantId,
      clientId: workiq.clientId,
      scopes,
      trustedSigners: workiq.trustedSigners,
      expectedAccount: workiq.expectedAccount,
      openMsal,
      clock: systemClock,
    });

    const audit = await openAuditLog({
      path: join(config.dataDir, 'audit', 'audit.jsonl'),
      logger,
      onLost: metrics.auditLinesLost,
    });
    teardown.push(() => audit.close());

    const budget = await CallBudget.open({
      kept: keep('call-budgets.json'),
      spare: keep('call-budgets.spare.json'),
      clock: systemClock,
      onProblem: (error) => {
        logger.error('Counts of calls make no sense; those of the spare file are taken, if they do.', { error });
      },
    });
    const toolMemory = await ToolMemory.open(keep('known-tools.json'));
    teardown.push(() => toolMemory.close());
    teardown.push(() => budget.close());

    const serverDispatcher = createDispatcher({ ca: workiq.ca, env, keepStreamsOpen: true });
    teardown.push(() => serverDispatcher.close());
    const providers = createProfiles(session, profiles);
    const served = new AbortController();
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
    bridge = new Bridge({
      profiles: providers,
      profileGuards: new Map(profiles.flatMap(({ name, guards }) => (guards === undefined ? [] : [[name, guards]]))),
      profileLimits: new Map(profiles.map(({ name, limits }) => [name, limits])),
      mayLoad: systemClock.sleep(serversWaitMs, served.signal).catch(() => undefined),
      dispatcher: () => serverDispatcher.get(),
      lookupVariable: (name) => (name === 'WORKIQ_TENANT_ID' ? workiq.tenantId : env[name]),
      ...config.bridge,
      budget,
      toolMemory,
      elicitations,
      retrySignIn: (callSignal) => retryRefusedGrant(session, callSignal),
      logLevel: config.logLevel,
      clock: systemClock,
      logger,
      onChange: (removed) => {
        announceServers(removed);
      },
    });
    const startedBridge = bridge;
    metrics.readFrom({
      servers: () => startedBridge.list(),
      knows: (server, tool) => startedBridge.knows(server, tool),
      auth: () => session.state(),
      patrols: () => patrols?.facts(),
    });
    teardown.push(() => startedBridge.close());
    const watch = await watchConfig({
      path: config.bridge.configPath,
      onText: (text) => {
        startedBridge.configure(text);
      },
      onUnreadable: (code) => {
        startedBridge.configUnreadable(code);
      },
    });
    teardown.push(() => {
      watch.close();
    });
    // Also when it is connected: which sign-in that is.
    bridge.authChanged(session.state());

    bus = await Bus.connect({
      ...config.nats,
      agent: config.name,
      instance,
      logger,
      // The bus may be away for long; an agent that lost its volume meanwhile must not serve when it is back.
      signal: AbortSignal.any([signal, lock.lost]),
      onTrouble: (why) => (busTrouble = why),
      onConnection: (connected) => {
        metrics.busConnected(connected);
        if (!connected || bus === undefined) return;
        announcer.connected(bus);
        bus.publish('authChanged', session.state());
        announceServers([]);
        beat();
      },
    });
    const startedBus = bus;
    const tracing = await startingTracing;
    // Once no call runs any more, and while the rest is taken down.
    teardown.push(() => {
      flushed = tracing.close();
    });
    let heart: ReturnType<typeof setInterval> | undefined;
    const reads = new AbortController();
    teardown.push(async () => {
      clearInterval(heart);
      clearTimeout(announcement);
      beat(true);
      elicitations.close();
      await startedBus.drain({
        onLate: () => {
          reads.abort(
            new RockBotError({ code: 'cancelled', message: 'The agent is stopping.', action: 'Ask again later.' }),
          );
          startedBridge.cancelAll('The call was cancelled, because the agent is stopping.');
        },
      });
    });
    // It may be away again since.
    metrics.busConnected(startedBus.connected);
    const registry = new ServerRegistry({
      path: config.bridge.configPath,
      profiles: [...providers.keys()],
      isMissing: () => startedBridge.isConfigMissing,
      onChanged: () => watch.check(),
    });
    const runCall = createCallRunner({
      bridge,
      bus: () => startedBus,
      audit,
      metrics,
      telemetry: {
        tracing,
        metrics,
        notices: new FailureNotices({ clock: systemClock }),
        logger,
        isVerbose: config.logLevel === 'debug',
      },
      clock: systemClock,
    });
    const startedPatrols = new PatrolService({
      path: config.patrolsPath,
      folder: join(config.dataDir, 'patrols'),
      call: createPatrolCall(runCall),
      auth: () => session.state(),
      clock: systemClock,
      logger,
      onChange: (change) => {
        announcePatrols(startedBus, change);
        if (change.run !== undefined) webhooks.followPatrol(change.run);
      },
      onEnd: metrics.patrolEnded,
    });
    patrols = startedPatrols;
    // Before the bus is left, so that it hears how the runs under way ended.
    teardown.push(() => startedPatrols.close());
    bus.serve({
      ...createAuthHandlers({ config, publicKey: key.publicKey, session, receiver, logger, metrics }),
      ...createToolHandlers({ agent: config.name, bridge, session, registry, audit, clock: systemClock, logger }),
      ...createContentHandlers({ bridge, audit, clock: systemClock, stopping: reads.signal }),
      ...createElicitationHandlers({ elicitations, audit, clock: systemClock }),
      ...createPatrolHandlers({ patrols: () => startedPatrols.started(), audit, clock: systemClock }),
      toolInvoke: createInvokeHandler(runCall),
    });
    // Ready means that requests are answered: the server has taken the subscriptions.
    await bus.flush();
    announcer.connected(bus);
    bus.publish('authChanged', session.state());
    beat();
    // In the next turn: what servers need takes so long to load that the agent would be ready later for it.
    setImmediate(() => {
      served.abort();
      void startedPatrols.started().catch(() => undefined);
    });
    heart = setInterval(beat, heartbeatIntervalMs);
    // Told to stop since the bus was there: whoever did so had nothing to close yet.
    signal.throwIfAborted();
    return { httpPort: http.port, fatal: lock.lost, close };

    function beat(stopping = false): void {
      if (bus?.connected !== true) return;
      const servers = startedBridge.list().map(({ name, state, tools }) => ({ name, state, tools: tools.length }));
      bus.publish('agentStatus', {
        instance,
        version,
        startedAt,
        auth: session.state(),
        servers,
        ...(stopping && { stopping }),
      });
    }

    /** Many servers change together; they are announced together. */
    function announceServers(removed: readonly string[]): void {
      for (const name of removed) removedServers.add(name);
      announcement ??= setTimeout(() => {
        announcement = undefined;
        if (bus?.connected !== true) return;
        const servers = startedBridge
          .list()
          .map(({ name, state, tools }) => ({ name, state, tools: tools.map((tool) => tool.name) }));
        bus.publish('mcpServersIndexed', { servers, removed: [...removedServers] });
        removedServers.clear();
      }, announceDelayMs);
    }
  }
}

/** Something an operator has to mend, with the system's own code for it. */
function problem(what: string, error: unknown): ConfigError {
  return new ConfigError([`${what} (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}).`]);
}
