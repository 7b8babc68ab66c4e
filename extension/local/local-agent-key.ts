// The public half of the key of a local agent, from the agent's own folder: there nobody has to compare fingerprints.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';

/** The file has the private half, too, which is not looked at. */
const keySchema = z.object({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string() });

/** Whether the agent whose folder this is has that key; undefined when its folder does not tell. */
export async function isLocalAgentKey(
  agentFolder: string,
  { kty, crv, x }: AgentPublicKey,
): Promise<boolean | undefined> {
  try {
    const key = keySchema.parse(JSON.parse(await readFile(join(agentFolder, 'secrets', 'agent-key.jwk'), 'utf8')));
    return key.kty === kty && key.crv === crv && key.x === x;
  } catch {
    return undefined;
  }
}
