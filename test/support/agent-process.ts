// The real agent as a process of its own, from the source or the built bundle.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startChild, type Child, jsonLine } from './child.ts';

export interface AgentProcessOptions {
  busUrl: string;
  /** Kept by the caller; a new one is made and removed at the end when left out. */
  dataDir?: string;
  /** Content of mcp.json; written before the start. */
  mcpConfig?: object;
  env?: Record<string, string>;
  /** Path of the program; defaults to the built bundle when ROCKBOT_TEST_BUNDLE is set, else the source. */
  program?: string;
}

export interface AgentProcess extends AsyncDisposable {
  readonly child: Child;
  readonly dataDir: string;
  readonly httpPort: number;
  output(): string;
  /** Ends this process and starts another on the same volume. */
  restart(options?: { signal?: NodeJS.Signals; env?: Record<string, string> }): Promise<AgentProcess>;
}

const readySchema = z.object({ message: z.literal('The agent is ready.'), httpPort: z.number() });

const sourceProgram = new URL('../../agent/main.ts', import.meta.url).pathname;

export async function startAgentProcess(options: AgentProcessOptions): Promise<AgentProcess> {
  const { busUrl, mcpConfig, env = {}, program = process.env['ROCKBOT_TEST_BUNDLE'] ?? sourceProgram } = options;
  const isOwnFolder = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'rockbot-agent-')));
  if (mcpConfig !== undefined) await writeFile(join(dataDir, 'mcp.json'), JSON.stringify(mcpConfig));
  const child = await startChild({
    name: 'agent',
    args: [program],
    env: { Nats__Url: busUrl, Agent__DataDir: dataDir, Http__Host: '127.0.0.1', Http__Port: '0', ...env },
    readyLine: (line) => readySchema.safeParse(jsonLine(line)).data,
  });
  return {
    child,
    dataDir,
    httpPort: readySchema.parse(child.ready).httpPort,
    output: () => child.output(),
    async restart({ signal = 'SIGTERM', env: more = {} } = {}) {
      child.kill(signal);
      await child.exited;
      return startAgentProcess({ ...options, dataDir, env: { ...env, ...more } });
    },
    async [Symbol.asyncDispose]() {
      await child.stop();
      if (isOwnFolder) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
