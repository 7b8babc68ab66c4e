// The environment of an agent on this machine, made from the program's that starts it; pure.

export interface AgentEnvironmentOptions {
  /** Of the program that starts it; further settings of the agent in it, such as `WorkIQ__Authority`, pass through. */
  env: NodeJS.ProcessEnv;
  agentName: string;
  dataDir: string;
  busUrl: string;
  seedFile: string;
  tenantId: string;
  clientId: string;
}

/** Settings of some other agent, and of the editor that this runs in. */
const foreign =
  /^(?:Agent__|Nats__|Http__|McpBridge__ConfigPath$|Patrols__Path$|WorkIQ__CacheFile$|ROCKBOT_CONFIG$|VSCODE_|ELECTRON_)/i;

export function agentEnvironment(options: AgentEnvironmentOptions): NodeJS.ProcessEnv {
  const { env, agentName, dataDir, busUrl, seedFile, tenantId, clientId } = options;
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name))),
    Agent__Name: agentName,
    Agent__DataDir: dataDir,
    Nats__Url: busUrl,
    Nats__NkeySeedFile: seedFile,
    WorkIQ__TenantId: tenantId,
    WorkIQ__ClientId: clientId,
    Http__Host: '127.0.0.1',
    // A free one; the log says which.
    Http__Port: '0',
    // What says that it is ready is of level info.
    Log__Level: env['Log__Level'] === 'debug' ? 'debug' : 'info',
  };
}
