// Chromium out of Debian's packages, with the libraries and fonts that this system lacks, unpacked without root and without
// installing anything.
import { access, glob, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand, type CommandResult } from '../../../extension/local/run-command.ts';
import { cacheFolder } from './cache-folder.ts';
import { checkChromium, type Chromium } from './chromium.ts';
import type { Progress } from './progress.ts';

/** Without a font there is no text on a page. */
const wanted = ['chromium', 'fonts-dejavu-core', 'fontconfig-config'];
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The lists and the packages of Chromium with all its libraries are 200 MB. */
const slowMs = 10 * 60_000;

/** Folders relative to this file, so that it stays right when its own gets its name. */
const fontsConfiguration = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir><dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`;

export async function hasApt(): Promise<boolean> {
  const there = ['/usr/bin/apt-get', '/usr/bin/dpkg-deb'].map((path) => access(path));
  return (await Promise.allSettled(there)).every(({ status }) => status === 'fulfilled');
}

/** @throws with apt's reason. */
export async function debianChromium(progress: Progress): Promise<Chromium> {
  return unpacked(await cacheFolder('chromium-debian', (folder) => fill(folder, progress)));
}

async function unpacked(root: string): Promise<Chromium> {
  const libraries: string[] = [];
  // Some libraries lie in folders of their own, which are written into the programs as absolute paths.
  for await (const library of glob(['{usr/,}lib/*-linux-gnu/lib*.so*', '{usr/,}lib/*-linux-gnu/*/lib*.so*'], {
    cwd: root,
  }))
    libraries.push(join(root, dirname(library)));
  return {
    executablePath: join(root, 'usr', 'lib', 'chromium', 'chromium'),
    env: { LD_LIBRARY_PATH: [...new Set(libraries)].join(':'), FONTCONFIG_FILE: join(root, 'fonts.conf') },
  };
}

async function fill(folder: string, { say, signal }: Progress): Promise<void> {
  const run = async (program: string, args: string[], timeoutMs = slowMs): Promise<CommandResult> =>
    runCommand(program, {
      args,
      cwd: folder,
      env: { ...process.env, PATH: systemPath, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      timeoutMs,
      signal,
    });
  const archives = join(folder, 'archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  const state = join(folder, 'state');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  // As root, apt drops to the user _apt, who may not write here.
  const common = ['-q', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20'];
  common.push('-o', 'Debug::NoLocking=true', '-o', `Dir::Cache::archives=${archives}`);
  const lists = [`Dir::State=${state}`, 'Dir::State::status=/var/lib/dpkg/status', `Dir::Cache=${folder}`];
  const own = [...lists, 'Acquire::Languages=none'].flatMap((setting) => ['-o', setting]);
  const install = ['install', '--yes', '--no-install-recommends', '--download-only', ...wanted];

  say('Fetching Chromium from the package archive of this system: up to 200 MB, once.');
  let result = await run('/usr/bin/apt-get', [...common, ...install]);
  if (result.code !== 0) {
    // No package lists here, or they are older than the archive: fetch lists of our own.
    await run('/usr/bin/apt-get', [...common, ...own, 'update']);
    result = await run('/usr/bin/apt-get', [...common, ...own, ...install]);
  }
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  if (result.code !== 0 || !packages.some((name) => name.startsWith('chromium_')))
    throw new Error(`apt could not fetch Chromium: ${lastLine(result)}`);
  for (const name of packages) {
    result = await run('/usr/bin/dpkg-deb', ['-x', join(archives, name), folder]);
    if (result.code !== 0) throw new Error(`${name} could not be unpacked: ${lastLine(result)}`);
  }
  for (const name of ['archives', 'state', 'usr/share/doc', 'usr/share/locale', 'usr/share/icons'])
    await rm(join(folder, name), { recursive: true, force: true });
  for (const name of ['pkgcache.bin', 'srcpkgcache.bin']) await rm(join(folder, name), { force: true });
  await writeFile(join(folder, 'fonts.conf'), fontsConfiguration);
  await checkChromium(await unpacked(folder));
  say('Chromium is ready.');
}

function lastLine({ stderr, stdout }: CommandResult): string {
  const lines = (stderr || stdout).split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '')?.slice(0, 300) ?? 'no reason given';
}
