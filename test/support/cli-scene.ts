// The rockbot command line beside a stand-in agent on a real bus, for one test file; it knows no command.
import { after, before } from 'node:test';
import type { NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import { startAgentStandIn, type AgentStandIn, type AgentStandInOptions } from './agent-stand-in.ts';
import { runCli, testFolder, type CliExit } from './cli.ts';
import { startTestNats } from './nats.ts';

export interface CliScene extends AsyncDisposable {
  agent: AgentStandIn;
  /** Of the command line: the bus, the agent, and a home of its own. */
  env: Record<string, string>;
  run(...args: string[]): Promise<CliExit>;
}

export interface CliScenes {
  /** Of all scenes of the file. */
  readonly nats: NatsServerProcess;
  readonly folder: { readonly path: string };
  /** With an agent of a name of its own. */
  open(options?: Partial<AgentStandInOptions>): Promise<CliScene>;
}

/** Call it once at the top of a test file; `name` begins the names of the agents. */
export function cliScenes(name: string): CliScenes {
  let nats: NatsServerProcess | undefined;
  let folder: Awaited<ReturnType<typeof testFolder>> | undefined;
  let count = 0;
  before(async () => {
    [nats, folder] = await Promise.all([startTestNats(), testFolder()]);
  });
  after(async () => {
    await nats?.stop();
    await folder?.[Symbol.asyncDispose]();
  });
  const there = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('Scenes are there while tests run, not before.');
    return part;
  };
  const scenes: CliScenes = {
    get nats() {
      return there(nats);
    },
    get folder() {
      return there(folder);
    },
    async open(options = {}) {
      const { nats: bus, folder: home } = scenes;
      const agentName = `${name}-${(count += 1)}`;
      const agent = await startAgentStandIn({ busUrl: bus.url, agent: agentName, ...options });
      const env = {
        ROCKBOT_NATS_URL: bus.url,
        ROCKBOT_AGENT: agentName,
        HOME: home.path,
        XDG_CONFIG_HOME: home.path,
      };
      return { agent, env, run: (...args) => runCli(args, { env }), [Symbol.asyncDispose]: () => agent.close() };
    },
  };
  return scenes;
}
