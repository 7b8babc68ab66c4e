// Reads a file of certificate authorities that the environment names.
import { readFile } from 'node:fs/promises';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** The PEM text of the file that a variable of the extension host names. */
export async function readCertificates(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new RockBotError({
      code: 'invalid_request',
      message: `The file of certificates ${path} cannot be read.`,
      action: 'Correct Nats__CaFile or WorkIQ__CaFile in the environment of VS Code.',
      cause,
    });
  }
}
