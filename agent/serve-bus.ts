// Puts what the agent can do on the bus: the handlers of all requests. It makes none of what they serve.
import { systemClock } from '../shared/clock.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { Bridge } from './bridge/bridge.ts';
import type { Elicitations } from './bridge/elicitations.ts';
import type { ServerRegistry } from './bridge/server-registry.ts';
import type { Bus } from './bus.ts';
import type { RunCall } from './call-runner.ts';
import { AgentDoctor } from './checks/agent-doctor.ts';
import type { AgentConfig } from './config/agent-config.ts';
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
import type { PatrolService } from './patrols/patrol-service.ts';
import type { Account } from './start-account.ts';

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
  metrics: Metrics;
  runCall: RunCall;
  patrols: Pick<PatrolService, 'started'>;
  logger: Logger;
  /** Aborts with the reason for those who read from a server. */
  stopping: AbortSignal;
}

/** Resolves when the bus has taken the subscriptions: from then on requests are answered. */
export async function serveBus(options: ServeBusOptions): Promise<void> {
  const { bus, config, account, bridge, elicitations, audit, metrics, runCall, logger, stopping } = options;
  const { session } = account;
  const clock = systemClock;
  const patrols = () => options.patrols.started();
  const doctor = new AgentDoctor({ ...options, ...account, patrols, otherAgent: () => bus.otherAgent, clock });
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
    ...createPatrolHandlers({ patrols, audit, clock }),
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
}
