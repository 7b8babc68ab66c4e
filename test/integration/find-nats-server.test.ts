// Where a nats-server comes from: named, on the PATH, cached, fetched from the system's archive or from a release.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { hasApt } from '../../extension/local/apt-nats-server.ts';
import { findNatsServer } from '../../extension/local/find-nats-server.ts';
import { NatsServerError, type NatsServerProblem } from '../../extension/local/nats-server-error.ts';
import { programName } from '../../extension/local/nats-server-cache.ts';
import { releaseArchive, releaseVersion } from '../../extension/local/nats-server-release.ts';
import { downloadRelease } from '../../extension/local/release-nats-server.ts';
import { testNatsProgram } from '../support/nats.ts';

const run = promisify(execFile);

function problem(expected: NatsServerProblem): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof NatsServerError, String(error));
    assert.equal(error.problem, expected, error.message);
    assert.match(error.nextStep, /nats-server/);
    return true;
  };
}

describe('finding nats-server', { timeout: 300_000 }, () => {
  let folder: string;
  let program: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-find-'));
    program = (await testNatsProgram()).path;
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('finding nats-server - the one named in ROCKBOT_NATS_SERVER is used and nothing else', async () => {
    const found = await findNatsServer({ env: { ROCKBOT_NATS_SERVER: program }, cacheDir: folder });
    assert.equal(found.source, 'env');
    assert.equal(found.path, program);
    assert.match(found.version, /^\d+\.\d+\.\d+/);
    for (const wrong of [join(import.meta.dirname, 'none', 'nats-server'), process.execPath, folder]) {
      await assert.rejects(
        findNatsServer({ env: { ROCKBOT_NATS_SERVER: wrong, PATH: dirname(program) }, cacheDir: folder }),
        problem('unusable'),
      );
    }
  });

  test('finding nats-server - one on the PATH comes before the cache, a broken one does not count', async () => {
    const broken = join(folder, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, programName), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const messages: string[] = [];
    const found = await findNatsServer({
      env: { PATH: `${broken}:${dirname(program)}` },
      cacheDir: folder,
      onProgress: (message) => messages.push(message),
    });
    assert.deepEqual({ path: found.path, source: found.source }, { path: program, source: 'path' });
    assert.match(messages.join(), /broken/);
  });

  test('finding nats-server - one is fetched with apt without root privileges, then found in the cache', async (t) => {
    const cacheDir = join(folder, 'cache');
    const env = { PATH: '', HOME: folder };
    if (!(await hasApt())) {
      t.skip('there is no apt here');
      return;
    }
    if (await installed()) {
      t.skip('nats-server is installed system-wide, so nothing would be fetched');
      return;
    }
    // Two at once, as two processes on a fresh machine would.
    const [one, two] = await Promise.all([findNatsServer({ cacheDir, env }), findNatsServer({ cacheDir, env })]);
    assert.equal(one.source, 'apt');
    assert.deepEqual(two, one);
    assert.equal(one.path, join(cacheDir, `nats-server-${one.version}`, programName));
    assert.equal((await stat(cacheDir)).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(cacheDir), [`nats-server-${one.version}`], 'no half-placed file stays');
    assert.deepEqual(await findNatsServer({ cacheDir, env }), { ...one, source: 'cache' });
  });

  test('finding nats-server - apt without package lists fetches its own', async (t) => {
    if (!(await hasApt()) || (await installed())) {
      t.skip('needs apt, and no system-wide nats-server');
      return;
    }
    await mkdir(join(folder, 'no-lists', 'lists', 'partial'), { recursive: true });
    const config = join(folder, 'apt.conf');
    await writeFile(config, `Dir::State "${join(folder, 'no-lists')}";\n`);
    const messages: string[] = [];
    const found = await findNatsServer({
      cacheDir: join(folder, 'cache-lists'),
      env: { PATH: '', APT_CONFIG: config },
      onProgress: (message) => messages.push(message),
    });
    assert.equal(found.source, 'apt');
    assert.ok(messages.includes('Fetching package lists'));
  });

  test('finding nats-server - where nothing can be fetched it says why for each way, and exactly what to install', async (t) => {
    const archive = releaseArchive(process.platform, process.arch);
    if (archive === undefined || (await installed())) {
      t.skip('needs a system with a pinned release, and no system-wide nats-server');
      return;
    }
    // An archive of packages that has none, and a site that sends something else than the release.
    await mkdir(join(folder, 'no-sources'));
    const config = join(folder, 'no-sources.conf');
    await writeFile(config, `Dir::Etc "${join(folder, 'no-sources')}";\nDir::State "${join(folder, 'no-sources')}";\n`);
    const download = t.mock.method(globalThis, 'fetch', async () => Promise.resolve(new Response('not the release')));
    const cacheDir = join(folder, 'cache-nothing');
    const found = findNatsServer({ cacheDir, env: { PATH: '', APT_CONFIG: config } });
    await assert.rejects(found, (error: unknown) => {
      assert.ok(problem('not_found')(error) && error instanceof NatsServerError);
      if (process.platform === 'linux') {
        assert.match(error.nextStep, /sudo apt install nats-server/);
        assert.match(error.nextStep, /ROCKBOT_NATS_SERVER/);
      }
      assert.match(error.message, /is not the pinned release/);
      return true;
    });
    if (await hasApt()) await assert.rejects(found, /could not be fetched with apt: .*nats-server/);
    assert.deepEqual(
      download.mock.calls.map(({ arguments: [url] }) => url),
      [archive.url],
    );
    await assert.rejects(readdir(cacheDir), /ENOENT/, 'nothing of it is kept');
  });

  test('finding nats-server - a wish that is aborted ends the search', async () => {
    const wish = new AbortController();
    const search = findNatsServer({
      cacheDir: join(folder, 'cache-aborted'),
      env: { PATH: '' },
      signal: wish.signal,
      onProgress: () => wish.abort(),
    });
    if (await installed()) assert.equal((await search).source, 'path');
    else await assert.rejects(search, { name: 'AbortError' });
  });

  test('finding nats-server - a release is unpacked only with the pinned checksum', async () => {
    const name = 'nats-server-v0-test';
    await mkdir(join(folder, name));
    await copyFile(program, join(folder, name, programName));
    await chmod(join(folder, name, programName), 0o755);
    await run('tar', ['-czf', join(folder, 'release.tar.gz'), '-C', folder, name]);
    const bytes = await readFile(join(folder, 'release.tar.gz'));
    const site = createServer((request, response) => {
      response.statusCode = request.url === '/release.tar.gz' ? 200 : 404;
      response.end(response.statusCode === 200 ? bytes : undefined);
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const address = site.address();
    assert.ok(typeof address === 'object' && address !== null);
    const base = `http://127.0.0.1:${address.port}`;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const attempt = async (url: string, checksum: string): Promise<{ directory: string; path: string }> => {
      const directory = await mkdtemp(join(folder, 'release-'));
      const archive = { url: `${base}${url}`, sha256: checksum };
      return { directory, path: await downloadRelease({ archive, directory, env: process.env }) };
    };
    try {
      const { path } = await attempt('/release.tar.gz', sha256);
      assert.match((await run(path, ['-v'])).stdout, /nats-server: v/);
      await assert.rejects(
        attempt(
          '/release.tar.gz',
          sha256.replace(/^./, (c) => (c === '0' ? '1' : '0')),
        ),
        problem('checksum_mismatch'),
      );
      await assert.rejects(attempt('/missing.tar.gz', sha256), problem('fetch_failed'));
      const folders = (await readdir(folder)).filter((entry) => entry.startsWith('release-'));
      const filled = await Promise.all(folders.map(async (entry) => (await readdir(join(folder, entry))).length));
      assert.equal(filled.filter((count) => count > 0).length, 1, 'a refused archive is not even written');
    } finally {
      site.closeAllConnections();
      site.close();
    }
  });

  test('finding nats-server - every pinned release has a whole checksum and its own address', () => {
    const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];
    const archives = platforms.map((platform) => {
      const [os = '', arch = ''] = platform.split('-');
      return releaseArchive(os, arch);
    });
    for (const archive of archives) {
      assert.match(archive?.sha256 ?? '', /^[0-9a-f]{64}$/);
      assert.ok(
        archive?.url.startsWith(`https://github.com/nats-io/nats-server/releases/download/v${releaseVersion}/`),
      );
    }
    assert.equal(new Set(archives.map((archive) => archive?.sha256)).size, platforms.length);
    assert.equal(releaseArchive('sunos', 'x64'), undefined);
  });
});

async function installed(): Promise<boolean> {
  const folders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  const found = await Promise.all(
    folders.map((entry) =>
      access(join(entry, programName)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
