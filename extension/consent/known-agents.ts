// Remembers the key of each agent between sign-ins (known-agents.json); whether a key is good is decided elsewhere.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { writePrivateFile } from './config-folder.ts';

const fileSchema = z.object({
  version: z.literal(1),
  agents: z.record(z.string(), z.object({ fingerprint: z.string(), since: z.string() })),
});

export interface AgentAddress {
  busUrl: string;
  agent: string;
}

export interface KnownAgents {
  find(address: AgentAddress): Promise<string | undefined>;
  remember(address: AgentAddress, fingerprint: string): Promise<void>;
}

export function createKnownAgents({ folder }: { folder: string }): KnownAgents {
  const path = join(folder, 'known-agents.json');
  return {
    find: async (address) => (await read(path)).agents[keyOf(address)]?.fingerprint,
    remember: async (address, fingerprint) => {
      const file = await read(path);
      file.agents[keyOf(address)] = { fingerprint, since: new Date().toISOString() };
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
