// A file of its owner's alone that holds one nkey seed, made the first time it is asked for; it does not know what for.
import { readFile } from 'node:fs/promises';
import { createUser } from '@nats-io/nkeys';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { nkeyCredentials, type BusCredentials } from '../bus/bus-credentials.ts';
import { writePrivateFile } from './config-folder.ts';

export interface SeedFileOptions {
  path: string;
  /** Names the file in messages, for example "signing identity". */
  what: string;
  /** What follows when a damaged file is removed, as a sentence. */
  whenRemoved: string;
}

export function createSeed(): string {
  return new TextDecoder().decode(createUser().getSeed());
}

/** @throws RockBotError `invalid_request` when the file cannot be used */
export async function seedFile(options: SeedFileOptions): Promise<BusCredentials> {
  const existing = await read(options);
  if (existing !== undefined) return parse(existing, options);
  await writePrivateFile(options.path, `${createSeed()}\n`, { keepExisting: true });
  // Another program may have been first.
  return parse((await read(options)) ?? '', options);
}

async function read({ path, what }: SeedFileOptions): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RockBotError({
      code: 'invalid_request',
      message: `The ${what} ${path} cannot be read.`,
      action: 'Check its permissions.',
      cause: error,
    });
  }
}

function parse(text: string, { path, what, whenRemoved }: SeedFileOptions): BusCredentials {
  try {
    return nkeyCredentials(text);
  } catch (cause) {
    throw new RockBotError({
      code: 'invalid_request',
      message: `The ${what} ${path} is damaged.`,
      action: `Remove the file; ${whenRemoved}`,
      cause,
    });
  }
}
