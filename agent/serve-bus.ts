// Puts what the agent can do on the bus: its handlers, calls with all that is told of them, and patrols, which call as well.
import { join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { Bridge } from './bridge/bridge.ts';
import type { Elicitations } from './bridge/elicitations.ts';
import type { ServerRegistry } from './bridge/server-registry.ts';
import type { Bus } from './bus.ts';
import { createCallRunner } from './call-runner.ts';
import { AgentDoctor } from './checks/agent-doctor.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { FailureNotices } from './failure-notices.ts';
import { createAuthHandlers } from './handlers/auth-handlers.ts';
import { createCheckHandlers } from './handlers/check-handlers.ts';
import { createContentHandlers } from './handlers/content-handlers.ts';
import { createElicitationHandlers } from './handlers/elicitation-handlers.ts';
import { createInvokeHandler } from './handlers/invoke-handler.ts';
import { createPatrolHandlers } from './handlers/patrol-handlers.ts';
import { createToolHandlers } from './handlers/tool-handlers.ts';
import type { Logger } from './logger.ts';
import type { McpFile } from './mcp-file/mcp-file.ts';
import type { Metrics } from './metrics.ts';
import { announcePatrols } from './patrols/announce-patrols.ts';
import { createPatrolCall } from './patrols/patrol-call.ts';
import { PatrolService } from './patrols/patrol-service.ts';
import type { Account } from './start-account.ts';
import type { Teardown } from './teardown.ts';
import type { Tracing } from './tracing.ts';
import type { Webhooks } from './webhook/open-webhooks.ts';

export interface ServeBusOptions {
  bus: Bus;
  /** Who the agent is, as its heartbeats have it. */
  about: { instance: string; version: string };
  /** Sends a heartbeat. */
  beat: () => void;
  config: AgentConfig;
  env: NodeJS.ProcessEnv;
  account: Account;
  bridge: Bridge;
  registry: ServerRegistry;
  mcpFile: McpFile;
  elicitations: Elicitations;
  audit: AuditLog;
  tracing: Tracing;
  metrics: Metrics;
  webhooks: Pick<Webhooks, 'followPatrol'>;
  logger: Logger;
  /** Aborts with the reason for those who read from a server. */
  stopping: AbortSignal;
  teardown: Teardown;
}

/** Resolves when the bus has taken the subscriptions: from then on requests are answered. Patrols are yet to be started. */
export async function serveBus(options: ServeBusOptions): Promise<{ patrols: PatrolService }> {
  const { bus, config, account, bridge, elicitations, audit, metrics, webhooks, logger, stopping, teardown } = options;
  const { session } = account;
  const clock = systemClock;
  const runCall = createCallRunner({
    bridge,
    bus: () => bus,
    audit,
    metrics,
    telemetry: {
      tracing: options.tracing,
      metrics,
      notices: new FailureNotices({ clock }),
      logger,
      isVerbose: config.logLevel === 'debug',
    },
    clock,
  });
  const patrols = new PatrolService({
    path: config.patrolsPath,
    folder: join(config.dataDir, 'patrols'),
    call: createPatrolCall(runCall),
    auth: () => session.state(),
    clock,
    logger,
    onChange: (change) => {
      announcePatrols(bus, change);
      if (change.run !== undefined) webhooks.followPatrol(change.run);
    },
    onEnd: metrics.patrolEnded,
  });
  // Before the bus is left, so that it hears how the runs under way ended.
  teardown.add('the patrols', () => patrols.close());
  const doctor = new AgentDoctor({
    ...options,
    ...account,
    patrols: () => patrols.started(),
    otherAgent: () => bus.otherAgent,
    clock,
  });
  bus.serve({
    ...createAuthHandlers({ ...account, config, logger, metrics }),
    ...createToolHandlers({
      agent: config.name,
      bridge,
      session,
      registry: options.registry,
      mcpFile: options.mcpFile,
      audit,
      clock,
      logger,
    }),
    ...createContentHandlers({ bridge, audit, clock, stopping }),
    ...createElicitationHandlers({ elicitations, audit, clock }),
    ...createPatrolHandlers({ patrols: () => patrols.started(), audit, clock }),
    toolInvoke: createInvokeHandler(runCall),
    ...createCheckHandlers({
      about: { agent: config.name, ...options.about },
      doctor,
      runCall,
      beat: options.beat,
      clock,
      logger,
    }),
  });
  await bus.flush();
  return { patrols };
}
