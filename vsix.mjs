// Packs the built extension with what it needs when it runs and nothing else: `node vsix.mjs [folder]` writes
// `rockbot-<version>.vsix` into the folder, or here.
import { createVSIX } from '@vscode/vsce';
import { cp, glob, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The command line is a package of its own; the build's report is for the import fence. */
const unneeded = /^dist[\\/](cli|cli-bundle|meta)\.[^\\/]+$/;
/** Of the manifest: what concerns npm and developers only. */
const ofNpm = ['bin', 'devDependencies', 'overrides', 'private', 'scripts', 'type'];

const staging = await mkdtemp(join(tmpdir(), 'rockbot-vsix-'));
try {
  const manifest = JSON.parse(await readFile('package.json', 'utf8'));
  for (const field of ofNpm) delete manifest[field];
  manifest.files = ['**'];
  await writeFile(join(staging, 'package.json'), JSON.stringify(manifest, undefined, 2));
  await cp('extension/README.md', join(staging, 'README.md'));
  const files = await Array.fromAsync(
    glob(['dist/**', 'extension/media/**', 'extension/schemas/**', 'docs/patrols.md', 'CHANGELOG.md', 'LICENSE']),
  );
  for (const file of files.filter((name) => !unneeded.test(name))) {
    if ((await stat(file)).isDirectory()) continue;
    await mkdir(dirname(join(staging, file)), { recursive: true });
    await cp(file, join(staging, file));
  }
  const packagePath = join(resolve(process.argv[2] ?? '.'), `${manifest.name}-${manifest.version}.vsix`);
  await createVSIX({
    cwd: staging,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    allowStarActivation: false,
  });
} finally {
  await rm(staging, { recursive: true, force: true });
}
