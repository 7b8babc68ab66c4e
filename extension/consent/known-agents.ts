// Remembers the key of each agent between sign-ins, and where it had people sign in (known-agents.json); whether they are good is
// decided elsewhere.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { writePrivateFile } from './config-folder.ts';

const agentSchema = z.object({
  fingerprint: z.string(),
  /** Origin of the sign-in service; absent in files of before it was remembered. */
  signInService: z.string().optional(),
  since: z.string(),
});

const fileSchema = z.object({
  version: z.literal(1),
  agents: z.record(z.string(), agentSchema),
});

export interface AgentAddress {
  busUrl: string;
  agent: string;
}

export interface KnownAgent {
  fingerprint: string;
  signInService?: string | undefined;
}

export interface KnownAgents {
  find(address: AgentAddress): Promise<KnownAgent | undefined>;
  remember(address: AgentAddress, agent: KnownAgent): Promise<void>;
}

export function createKnownAgents({ folder }: { folder: string }): KnownAgents {
  const path = join(folder, 'known-agents.json');
  return {
    find: async (address) => (await read(path)).agents[keyOf(address)],
    remember: async (address, { fingerprint, signInService }) => {
      const file = await read(path);
      file.agents[keyOf(address)] = { fingerprint, signInService, since: new Date().toISOString() };
      await writePrivateFile(path, `${JSON.stringify(file, undefined, 2)}\n`);
    },
  };
}

async function read(path: string): Promise<z.infer<typeof fileSchema>> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, agents: {} };
    // Taking it for empty would trust any key once more.
    throw new RockBotError({
      code: 'invalid_request',
      message: `The file of known agent keys ${path} cannot be read.`,
      action: 'Repair it or remove it; agents are then shown as new.',
      cause: error,
    });
  }
}

function keyOf({ busUrl, agent }: AgentAddress): string {
  const { protocol, host, pathname } = new URL(busUrl);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname} ${agent}`;
}
