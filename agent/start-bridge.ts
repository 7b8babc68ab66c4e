// Makes the agent's side of MCP: all servers of mcp.json, with what they need and what is kept of them over a restart.
import { systemClock } from '../shared/clock.ts';
import { tenantVariable } from '../shared/mcp-config/tenant-variable.ts';
import { SerialQueue } from '../shared/serial-queue.ts';
import type { AccountSession } from './auth/account-session.ts';
import { createProfiles } from './auth/profiles.ts';
import { retryRefusedGrant } from './auth/retry-refused-grant.ts';
import { Bridge, type BridgeOptions } from './bridge/bridge.ts';
import { CallBudget } from './bridge/call-budget.ts';
import { watchConfig } from './bridge/config-watch.ts';
import { ServerRegistry } from './bridge/server-registry.ts';
import { ToolMemory } from './bridge/tool-memory.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Logger } from './logger.ts';
import { McpFile } from './mcp-file/mcp-file.ts';
import type { Volume } from './take-volume.ts';
import type { Teardown } from './teardown.ts';

export interface StartBridgeOptions extends Pick<BridgeOptions, 'mayLoad' | 'elicitations' | 'onChange'> {
  config: AgentConfig;
  env: NodeJS.ProcessEnv;
  volume: Pick<Volume, 'keep'>;
  session: AccountSession;
  logger: Logger;
  teardown: Teardown;
}

export interface StartedBridge {
  bridge: Bridge;
  /** Registers and unregisters servers in mcp.json. */
  registry: ServerRegistry;
  /** Reads and writes mcp.json as a whole. */
  mcpFile: McpFile;
}

/** Resolves when mcp.json was read once; its servers are connected after `mayLoad`. */
export async function startBridge({
  config,
  env,
  volume,
  session,
  logger,
  teardown,
  ...given
}: StartBridgeOptions): Promise<StartedBridge> {
  const { workiq, profiles } = config;
  const budget = await CallBudget.open({
    kept: volume.keep('call-budgets.json'),
    spare: volume.keep('call-budgets.spare.json'),
    clock: systemClock,
    onProblem: (error) => {
      logger.error('Counts of calls make no sense; those of the spare file are taken, if they do.', { error });
    },
  });
  const toolMemory = await ToolMemory.open(volume.keep('known-tools.json'));
  teardown.add('the memory of tools', () => toolMemory.close());
  teardown.add('the counts of calls', () => budget.close());
  const dispatcher = createDispatcher({ ca: workiq.ca, env, keepStreamsOpen: true });
  teardown.add('the connections to servers', () => dispatcher.close());

  const providers = createProfiles(session, profiles);
  const bridge = new Bridge({
    ...config.bridge,
    ...given,
    profiles: providers,
    profileGuards: new Map(profiles.flatMap(({ name, guards }) => (guards === undefined ? [] : [[name, guards]]))),
    profileLimits: new Map(profiles.map(({ name, limits }) => [name, limits])),
    dispatcher: () => dispatcher.get(),
    lookupVariable: (name) => (name === tenantVariable ? workiq.tenantId : env[name]),
    budget,
    toolMemory,
    retrySignIn: (signal) => retryRefusedGrant(session, signal),
    logLevel: config.logLevel,
    clock: systemClock,
    logger,
  });
  teardown.add('the servers', () => bridge.close());
  const { configPath } = config.bridge;
  const watch = await watchConfig({
    path: configPath,
    onText: (text) => {
      bridge.configure(text);
    },
    onUnreadable: (code) => {
      bridge.configUnreadable(code);
    },
  });
  teardown.add('the watch over mcp.json', () => {
    watch.close();
  });
  // Also when it is connected: which sign-in that is.
  bridge.authChanged(session.state());
  const file = {
    path: configPath,
    queue: new SerialQueue(),
    isMissing: () => bridge.isConfigMissing,
    onChanged: () => watch.check(),
  };
  const registry = new ServerRegistry({ ...file, profiles: [...providers.keys()] });
  const mcpFile = new McpFile({
    ...file,
    editing: config.bridge.editableOverBus,
    profiles,
    tenantId: workiq.tenantId,
    env,
    problems: () => bridge.problems,
  });
  return { bridge, registry, mcpFile };
}
