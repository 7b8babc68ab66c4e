// Every id that package.json contributes, in one typed place; a test holds both together. It registers nothing.

export const commandIds = {
  connectM365: 'rockbot.connectM365',
  reconnectM365: 'rockbot.reconnectM365',
  disconnectM365: 'rockbot.disconnectM365',
  runTool: 'rockbot.runTool',
  showResults: 'rockbot.showResults',
  openMcpJson: 'rockbot.openMcpJson',
  startLocalAgent: 'rockbot.startLocalAgent',
  stopLocalAgent: 'rockbot.stopLocalAgent',
  setBusCredentials: 'rockbot.setBusCredentials',
  showLog: 'rockbot.showLog',
  copyDiagnostics: 'rockbot.copyDiagnostics',
  doctor: 'rockbot.doctor',
  openSettings: 'rockbot.openSettings',
  setBusAddress: 'rockbot.setBusAddress',
  showServerDetails: 'rockbot.showServerDetails',
  addWorkIq: 'rockbot.addWorkIq',
  refresh: 'rockbot.refresh',
  runListedTool: 'rockbot.runListedTool',
  refreshServer: 'rockbot.refreshServer',
  openServerEntry: 'rockbot.openServerEntry',
  copyName: 'rockbot.copyName',
  openResult: 'rockbot.openResult',
  cancelCall: 'rockbot.cancelCall',
  filterActivity: 'rockbot.filterActivity',
  clearActivityFilter: 'rockbot.clearActivityFilter',
  clearActivity: 'rockbot.clearActivity',
  runPatrol: 'rockbot.patrols.run',
  cancelPatrol: 'rockbot.patrols.cancel',
  openPatrolRun: 'rockbot.patrols.openRun',
  refreshPatrols: 'rockbot.patrols.refresh',
  openPatrolsJson: 'rockbot.patrols.openFile',
  openPatrolsGuide: 'rockbot.patrols.openGuide',
  runServerTool: 'rockbot.runServerTool',
  openMcpJsonGuide: 'rockbot.openMcpJsonGuide',
  focusServers: 'rockbot.servers.focus',
} as const;

export type CommandName = keyof typeof commandIds;

/** Made by VS Code itself for a contributed view. */
export const builtInCommands: readonly CommandName[] = ['focusServers'];

export const viewIds = {
  servers: 'rockbot.servers',
  patrols: 'rockbot.patrols',
  activity: 'rockbot.activity',
} as const;

export const settingIds = {
  natsUrl: 'rockbot.nats.url',
  agentName: 'rockbot.agent.name',
  agentPublicKey: 'rockbot.agent.publicKey',
  tenantId: 'rockbot.workiq.tenantId',
  clientId: 'rockbot.workiq.clientId',
  signIn: 'rockbot.workiq.signIn',
  mcpJsonFiles: 'rockbot.mcpJson.files',
} as const;

/** Context keys for `when` clauses. */
export const contextKeys = {
  /** A ConnectionPhase. */
  phase: 'rockbot.phase',
  /** The error code of what keeps the state from being a good one. */
  problem: 'rockbot.problem',
  /** How many servers the agent has; undefined while not known. */
  serverCount: 'rockbot.serverCount',
  /** The agent has told of its patrols. */
  patrolsKnown: 'rockbot.patrolsKnown',
  patrolCount: 'rockbot.patrolCount',
  localAgentRuns: 'rockbot.localAgentRuns',
  /** Since this window began an agent was heard, had tools that can be called, and ended a call of this window. */
  agentReached: 'rockbot.agentReached',
  toolsAvailable: 'rockbot.toolsAvailable',
  toolHasRun: 'rockbot.toolHasRun',
  activityFiltered: 'rockbot.activityFiltered',
} as const;

/** `contextValue` of tree items. */
export const itemKinds = {
  server: 'rockbot.server',
  tool: 'rockbot.tool',
  hiddenTool: 'rockbot.hiddenTool',
  finishedCall: 'rockbot.finishedCall',
  runningCall: 'rockbot.runningCall',
  patrol: 'rockbot.patrol',
  runningPatrol: 'rockbot.runningPatrol',
  invalidPatrol: 'rockbot.invalidPatrol',
  patrolRun: 'rockbot.patrolRun',
  runningPatrolRun: 'rockbot.runningPatrolRun',
} as const;

/** View types of the editor tabs that come back after a reload of the window. */
export const panelTypes = {
  result: 'rockbot.result',
  patrolRun: 'rockbot.patrolRun',
  toolForm: 'rockbot.toolForm',
  doctor: 'rockbot.doctor',
} as const;

/** The language of an mcp.json: one of its own, so that no other support for JSON speaks beside it. */
export const mcpJsonLanguage = 'rockbot-mcp-json';

/** Address that opens the guide to mcp.json, with `{heading}` in place of a heading. */
export const mcpJsonGuide = `command:${commandIds.openMcpJsonGuide}?%5B%22{heading}%22%5D`;

/** Finds the settings of this extension in the settings editor. */
export const settingsQuery = '@ext:rockbot.rockbot';

/** Keys in SecretStorage. */
export const busCredentialsSecret = 'rockbot.busCredentials';
/** Signs hand-offs where the bus has no users, so that agents know this person again. */
export const signerSecret = 'rockbot.signerSeed';
