// Puts an extension where a VS Code server will find it, as installed; the server must not run yet.
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../../../extension/local/run-command.ts';
import { folderFlags, serverEnvironment, type ServerOptions } from './server-process.ts';

const manifest = z.object({ publisher: z.string(), name: z.string(), version: z.string() });

/** The built extension in a source folder, without packing it: a link stands for the installed copy. */
export async function linkExtension(folder: string, extensionsFolder: string): Promise<void> {
  const { publisher, name, version } = manifest.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  await mkdir(extensionsFolder, { recursive: true });
  await symlink(resolve(folder), join(extensionsFolder, `${publisher}.${name}-${version}`), 'junction');
}

/** @throws with what the server said when it does not accept the package. */
export async function installVsix(vsix: string, options: ServerOptions): Promise<void> {
  const { code, stdout, stderr } = await runCommand(process.execPath, {
    args: [
      join(options.root, 'out', 'server-main.js'),
      '--install-extension',
      resolve(vsix),
      '--accept-server-license-terms',
      ...folderFlags(options),
    ],
    env: serverEnvironment(),
    timeoutMs: 240_000,
  });
  if (code !== 0 || !stdout.includes('was successfully installed'))
    throw new Error(`${vsix} could not be installed:\n${stdout}${stderr}`);
}
