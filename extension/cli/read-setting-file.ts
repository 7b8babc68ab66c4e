// Reads a small file that an option or a variable names; its absence is a matter of configuration.
import { readFile } from 'node:fs/promises';
import { fileCredentials, nkeyCredentials, type BusCredentials } from '../bus/bus-credentials.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { ConfigurationError } from './cli-errors.ts';
import type { CliSettings } from './settings.ts';

/** @throws ConfigurationError */
export async function readSettingFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(
      `The ${what} ${path} cannot be read (${code}).`,
      'Check its path and permissions.',
      error,
    );
  }
}

/** @throws ConfigurationError */
export async function readCredentials(file: CliSettings['credentialsFile']): Promise<BusCredentials | undefined> {
  if (file === undefined) return undefined;
  const text = await readSettingFile(file.path, file.kind === 'nkey' ? 'nkey file' : 'credentials file');
  try {
    return file.kind === 'nkey' ? nkeyCredentials(text) : fileCredentials(text);
  } catch (error) {
    if (!(error instanceof RockBotError)) throw error;
    throw new ConfigurationError(`${error.message} (${file.path})`, error.action ?? 'Check the file.', error);
  }
}
