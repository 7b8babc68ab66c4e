// A process that owns a local agent, as a window of VS Code does; prints JSON lines and can be killed.
// Usage: node local-agent-holder.ts <options of startLocalAgent as JSON>
import { startLocalAgent, type StartLocalAgentOptions } from '../../extension/local/local-agent.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as StartLocalAgentOptions;
let agentPid: number | undefined;
const agent = await startLocalAgent({
  ...options,
  env: process.env,
  onEvent: (event) => {
    if (event.kind === 'agent_ready') agentPid = event.pid;
  },
});
const { url, isOwned, credentials } = agent;
process.on('SIGTERM', () => void agent.release());
console.log(JSON.stringify({ url, isOwned, agentPid, publicKey: credentials.publicKey }));
console.log(JSON.stringify({ end: (await agent.exited).reason }));
