// Packs what is released: `node package.mjs [folder]` builds and writes the VSIX, the npm package, their bill of materials and
// SHA256SUMS into the folder, or into `release/`. The same sources give the same bytes: times and modes are fixed, names sorted.
import { createVSIX } from '@vscode/vsce';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, glob, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What the extension needs when it runs. The command line is a package of its own; the metafile is for the import fence. */
const inVsix = [
  'dist/**',
  'extension/media/**',
  'extension/schemas/**',
  'docs/patrols.md',
  'docs/mcp-json.md',
  'CHANGELOG.md',
  'LICENSE',
];
const notInVsix = /^dist[\\/](cli|cli-bundle|meta)\.[^\\/]+$/;
/** Of the manifest: what concerns npm and developers only. */
const ofNpm = ['bin', 'devDependencies', 'files', 'overrides', 'scripts', 'type'];
/** Seconds since the epoch; what npm writes into its packages, too. */
const fixedTime = '499162500';

const folder = resolve(process.argv[2] ?? 'release');
await mkdir(folder, { recursive: true });
await npm('run', '--silent', 'build');
const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const executables = Object.values(manifest.bin);
const base = `${manifest.name}-${manifest.version}`;
await packVsix(`${base}.vsix`);
await packNpm();
await cp('dist/sbom.cdx.json', join(folder, `${base}.cdx.json`));
const names = [`${base}.cdx.json`, `${base}.tgz`, `${base}.vsix`];
const sums = await Promise.all(names.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`));
await writeFile(join(folder, 'SHA256SUMS'), sums.join(''));
process.stdout.write(sums.join(''));

/** @param {string} name */
async function packVsix(name) {
  await inStagingFolder(async (staging) => {
    const ofExtension = Object.fromEntries(Object.entries(manifest).filter(([field]) => !ofNpm.includes(field)));
    await stage(staging, 'package.json', JSON.stringify({ ...ofExtension, files: ['**'] }, undefined, 2));
    await stage(staging, 'README.md', await readFile('extension/README.md'));
    for await (const file of glob(inVsix))
      if (!notInVsix.test(file) && (await stat(file)).isFile()) await stage(staging, file, await readFile(file));
    // vsce dates the files by the first; dates in a zip archive are local times.
    Object.assign(process.env, { SOURCE_DATE_EPOCH: fixedTime, TZ: 'UTC' });
    await createVSIX({
      cwd: staging,
      packagePath: join(folder, name),
      dependencies: false,
      allowMissingRepository: true,
      allowStarActivation: false,
    });
  });
}

/** npm keeps the modes of the files, so what it would pack is packed elsewhere with fixed ones. */
async function packNpm() {
  await inStagingFolder(async (staging) => {
    // By name or in a list, as npm's version has it.
    const [packed] = Object.values(
      JSON.parse(await npm('pack', '--silent', '--ignore-scripts', '--dry-run', '--json')),
    );
    for (const { path } of packed.files) await stage(staging, path, await readFile(path));
    await npm('pack', staging, '--silent', '--ignore-scripts', '--pack-destination', folder);
  });
}

/** @param {(path: string) => Promise<void>} work */
async function inStagingFolder(work) {
  const path = await mkdtemp(join(tmpdir(), 'rockbot-package-'));
  try {
    await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/**
 * @param {string} staging
 * @param {string} file
 * @param {string | Uint8Array} content
 */
async function stage(staging, file, content) {
  const path = join(staging, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  // Whatever the umask here.
  await chmod(path, executables.includes(file) ? 0o755 : 0o644);
}

/** @param {string[]} args */
async function npm(...args) {
  const program = process.env['npm_execpath'];
  const [file, first] = program === undefined ? ['npm', []] : [process.execPath, [program]];
  const shell = program === undefined && process.platform === 'win32';
  const { stdout } = await promisify(execFile)(file, [...first, ...args], { shell, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** @param {string} path */
async function sha256(path) {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
