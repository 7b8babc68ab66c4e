// Makes the one way that calls go, with all that is told of them, and patrols, which call by themselves. Neither waits for the bus.
import { join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { AuthState } from '../shared/contract/auth-state.ts';
import type { Bridge } from './bridge/bridge.ts';
import { createCallRunner, type RunCall } from './call-runner.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { FailureNotices } from './failure-notices.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { ToldBus } from './no-bus.ts';
import { announcePatrols } from './patrols/announce-patrols.ts';
import { createPatrolCall } from './patrols/patrol-call.ts';
import { PatrolService } from './patrols/patrol-service.ts';
import type { Teardown } from './teardown.ts';
import type { Tracing } from './tracing.ts';
import type { Webhooks } from './webhook/open-webhooks.ts';

export interface StartCallsOptions {
  config: Pick<AgentConfig, 'dataDir' | 'patrolsPath' | 'logLevel'>;
  bus: () => ToldBus;
  auth: () => AuthState;
  bridge: Bridge;
  audit: AuditLog;
  tracing: Tracing;
  metrics: Metrics;
  webhooks: Pick<Webhooks, 'followPatrol'>;
  logger: Logger;
  teardown: Teardown;
}

export interface StartedCalls {
  runCall: RunCall;
  /** Yet to be started. */
  patrols: PatrolService;
}

export function startCalls(options: StartCallsOptions): StartedCalls {
  const { config, bus, auth, bridge, audit, tracing, metrics, webhooks, logger, teardown } = options;
  const clock = systemClock;
  const notices = new FailureNotices({ clock });
  const runCall = createCallRunner({
    bridge,
    bus,
    audit,
    metrics,
    telemetry: { tracing, metrics, notices, logger, isVerbose: config.logLevel === 'debug' },
    clock,
  });
  const patrols = new PatrolService({
    path: config.patrolsPath,
    folder: join(config.dataDir, 'patrols'),
    call: createPatrolCall(runCall),
    auth,
    clock,
    logger,
    onChange: (change) => {
      announcePatrols(bus(), change);
      if (change.run !== undefined) webhooks.followPatrol(change.run);
    },
    onEnd: metrics.patrolEnded,
  });
  // Before the bus is left, so that it hears how the runs under way ended.
  teardown.add('the patrols', () => patrols.close());
  return { runCall, patrols };
}
