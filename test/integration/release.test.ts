// What is released: packed again from the same sources it is the same, byte by byte, and it says what it is made of.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, glob, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { copySources } from '../support/packed-release.ts';

const repository = new URL('../..', import.meta.url).pathname;
const run = promisify(execFile);

describe('release', () => {
  let folder: string;
  let packed: [string, string];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-release-'));
    const [one, other] = [join(folder, 'one'), join(folder, 'o t/her')];
    await copySources(one);
    await cp(one, other, { recursive: true });
    packed = [
      await pack({ sources: one, to: join(folder, 'packed'), timeZone: 'Asia/Tokyo', umask: '077' }),
      await pack({ sources: other, to: join(folder, 'packed-again'), timeZone: 'UTC', umask: '002' }),
    ];
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('release - the same sources in another folder, time zone and umask give the same bytes', async () => {
    const [one, two] = packed;
    const names = await readdir(one);
    assert.deepEqual(names.map((name) => name.replace(/-\d+\.\d+\.\d+/, '')).sort(), [
      'SHA256SUMS',
      'rockbot.cdx.json',
      'rockbot.tgz',
      'rockbot.vsix',
    ]);
    for (const name of names)
      assert.ok((await readFile(join(one, name))).equals(await readFile(join(two, name))), `${name} differs`);
  });

  test('release - SHA256SUMS is what sha256sum checks', async () => {
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: packed[0] });
  });

  test('release - the npm package installs without dependencies and without the tools of developers', async () => {
    const [package_] = await Array.fromAsync(glob(join(packed[0], '*.tgz')));
    assert.ok(package_);
    await run('npm', ['install', '--offline', '--omit=dev', '--no-audit', '--prefix', join(folder, 'app'), package_]);
    const installed = await readdir(join(folder, 'app', 'node_modules'));
    assert.deepEqual(
      installed.filter((name) => !name.startsWith('.')),
      ['rockbot'],
    );
    const { stdout } = await run(join(folder, 'app', 'node_modules', '.bin', 'rockbot'), ['--version']);
    assert.match(stdout, /^\d+\.\d+\.\d+$/m);
    const agent = await run(join(folder, 'app', 'node_modules', '.bin', 'rockbot-agent'), ['--version']);
    assert.match(agent.stdout, /\d+\.\d+\.\d+/);
    const { size } = await stat(package_);
    assert.ok(size < 3 * 1024 * 1024, `${size} bytes`);
  });
});

describe('third-party parts', () => {
  const billSchema = z.object({
    bomFormat: z.literal('CycloneDX'),
    components: z.array(
      z.object({
        name: z.string(),
        group: z.string().optional(),
        version: z.string(),
        purl: z.string(),
        licenses: z.array(z.object({ license: z.object({ id: z.string() }) })).min(1),
      }),
    ),
  });
  const locked = z.object({ packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })) });
  const inBundles = async (): Promise<string[]> => {
    const { inputs } = z
      .object({ inputs: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(join(repository, 'dist', 'meta.json'), 'utf8')));
    return [...new Set(Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))];
  };

  test('third-party parts - the bill of materials has all that is bundled, in the versions of the lockfile', async () => {
    const lock = locked.parse(JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')));
    const { components } = billSchema.parse(
      JSON.parse(await readFile(join(repository, 'dist', 'sbom.cdx.json'), 'utf8')),
    );
    const expected = (await inBundles()).map((path) => {
      const name = path.replace(/^.*node_modules\//, '');
      return `${name}@${lock.packages[path]?.version}`;
    });
    assert.ok(expected.length > 40, `${expected.length} packages`);
    assert.deepEqual(
      components
        .map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`)
        .sort(),
      [...new Set(expected)].sort(),
    );
  });

  test('third-party parts - the terms of every one are there, and none forbids to pass it on like this', async () => {
    const text = await readFile(join(repository, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const bill = billSchema.parse(JSON.parse(await readFile(join(repository, 'dist', 'sbom.cdx.json'), 'utf8')));
    const allowed = /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|CC-BY-4\.0|Unlicense|MPL-2\.0|BlueOak-1\.0\.0)$/;
    for (const { group, name, version, licenses } of bill.components) {
      const full = group === undefined ? name : `${group}/${name}`;
      assert.ok(text.includes(`\n${full} ${version} (`), `${full} is not in THIRD-PARTY-LICENSES.txt`);
      for (const { license } of licenses) assert.match(license.id, allowed, full);
    }
  });
});

describe('workflows', () => {
  const workflow = z.looseObject({
    on: z.unknown(),
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(
      z.string(),
      z.looseObject({ steps: z.array(z.looseObject({ uses: z.string().optional() })).optional() }),
    ),
  });

  test('workflows - a pull request gets no secret, and what others wrote is pinned by commit', async () => {
    const files = await Array.fromAsync(glob(join(repository, '.github/workflows/*.yml')));
    assert.equal(files.length, 3);
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      const { on, permissions, jobs } = workflow.parse(parseYaml(text));
      assert.deepEqual(permissions, { contents: 'read' }, file);
      assert.doesNotMatch(text, /pull_request_target/);
      if (JSON.stringify(on).includes('pull_request') || file.endsWith('package.yml'))
        assert.doesNotMatch(text, /secrets\./);
      // An expression in a script would run what somebody put into a name of a branch.
      assert.doesNotMatch(text, /run:.*\$\{\{ *github\.(?:head_ref|event|ref)/);
      for (const { uses } of Object.values(jobs).flatMap(({ steps = [] }) => steps))
        if (uses !== undefined) assert.match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/, file);
    }
  });
});

interface PackOptions {
  sources: string;
  to: string;
  timeZone: string;
  umask: string;
}

async function pack({ sources, to, timeZone, umask }: PackOptions): Promise<string> {
  await symlink(join(repository, 'node_modules'), join(sources, 'node_modules'));
  await run('sh', ['-c', `umask ${umask} && exec "$0" package.mjs "$1"`, process.execPath, to], {
    cwd: sources,
    env: { ...process.env, TZ: timeZone },
    maxBuffer: 16 * 1024 * 1024,
  });
  return to;
}
