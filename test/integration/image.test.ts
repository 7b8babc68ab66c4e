// The image of the agent, as far as it can be tried without a container engine: what the build sees, that it builds from that alone, what the
// last stage holds, and that the agent runs from exactly these files as the image's user.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chmod, cp, glob, mkdir, mkdtemp, readdir, rm, stat, symlink, chown } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import * as z from 'zod';
import { containerUser, mayChangeUser, startContainer } from '../support/container.ts';
import { isInContext, jsonForm, layOut, parseDockerfile } from '../support/dockerfile.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const root = new URL('../../', import.meta.url).pathname;
const dockerfile = parseDockerfile(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8'));
const ignoreFile = readFileSync(join(root, 'deploy/Dockerfile.dockerignore'), 'utf8');
const [buildStage, lastStage] = dockerfile.stages;

test('image - two stages, both of Node 24, and an unprivileged user by number', () => {
  assert.equal(dockerfile.stages.length, 2);
  for (const { base } of dockerfile.stages) assert.match(base, /^node:24-[a-z]+-slim$/);
  const users = lastStage?.instructions.filter(({ name }) => name === 'USER').map(({ rest }) => rest);
  assert.deepEqual(users, [`${containerUser}:${containerUser}`]);
});

test('image - the last stage runs nothing, so that it needs no shell, and takes files from the build alone', () => {
  for (const { name, flags, rest } of lastStage?.instructions ?? []) {
    assert.ok(!['RUN', 'SHELL', 'ADD', 'HEALTHCHECK'].includes(name), name);
    if (name === 'COPY') assert.equal(flags['from'], 'build', rest);
    if (name === 'ENTRYPOINT' || name === 'CMD') assert.match(rest, /^\[/, `${name} in the form without a shell`);
  }
});

test('image - labels say what it is, of which version and revision', () => {
  const labels =
    lastStage?.instructions
      .filter(({ name }) => name === 'LABEL')
      .map(({ rest }) => rest)
      .join(' ') ?? '';
  for (const name of ['title', 'description', 'licenses', 'version', 'revision'])
    assert.match(labels, new RegExp(`org\\.opencontainers\\.image\\.${name}="[^"]+"`), name);
  assert.match(labels, /version="\$\{VERSION\}"/);
});

test('image - no argument, variable or file of it is a secret', () => {
  for (const { instructions } of dockerfile.stages)
    for (const { name, rest } of instructions)
      if (name === 'ARG' || name === 'ENV') assert.doesNotMatch(rest, /secret|token|passw|key|seed|cred/i);
  for (const path of [
    '.git/config',
    '.npmrc',
    '.env',
    'deploy/k8s/overlays/prod/workiq.yaml',
    'agent/.env.local',
    'agent/alice.nk',
    'shared/bus.creds',
    'extension/tls.key',
    'node_modules/x/index.js',
    'agent/node_modules/x.js',
    'test/unit/x.test.ts',
    'secrets/agent-key.jwk',
  ])
    assert.equal(isInContext(path, ignoreFile), false, path);
  for (const path of [
    'package.json',
    'package-lock.json',
    'esbuild.mjs',
    'agent/main.ts',
    'shared/version.ts',
    'extension/cli/main.ts',
    'deploy/prepare-volume.cjs',
    'LICENSE',
  ])
    assert.equal(isInContext(path, ignoreFile), true, path);
});

describe('image - built and run', { concurrency: 1 }, () => {
  let folder = '';
  const image = (): string => join(folder, 'image');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-image-'));
    await chmod(folder, 0o755);
    const source = join(folder, 'src');
    for await (const file of glob('{*,{agent,extension,shared,deploy}/**/*}', { cwd: root, withFileTypes: true })) {
      const path = join(file.parentPath, file.name).slice(root.length);
      if (!file.isFile() || !isInContext(path, ignoreFile)) continue;
      await mkdir(dirname(join(source, path)), { recursive: true });
      await cp(join(root, path), join(source, path));
    }
    // What `npm ci` would put there.
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
    await promisify(execFile)(process.execPath, ['esbuild.mjs'], { cwd: source, timeout: 120_000 });
    assert.ok(lastStage);
    const rooted = {
      ...lastStage,
      instructions: lastStage.instructions.map((instruction) => ({
        ...instruction,
        rest: instruction.name === 'COPY' ? instruction.rest.replaceAll('/src/', '/') : instruction.rest,
      })),
    };
    await layOut(rooted, { source, target: image() });
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('image - everything that the build stage copies is there', () => {
    for (const { name, rest } of buildStage?.instructions ?? []) {
      if (name !== 'COPY') continue;
      for (const path of rest.split(/\s+/).slice(0, -1))
        if (path !== '.') assert.ok(isInContext(path, ignoreFile) && readFileSync(join(root, path)).length > 0, path);
    }
  });

  test('image - it holds the agent, what prepares its volume, and licences; nothing else', async () => {
    const files = await readdir(join(image(), 'app'));
    assert.deepEqual(files.toSorted(), [
      'LICENSE',
      'THIRD-PARTY-LICENSES.txt',
      'agent-bundle.cjs',
      'agent.cjs',
      'prepare-volume.cjs',
    ]);
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(image(), 'app', name))).size));
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 6_000_000);
  });

  test('image - the agent starts from it as an unprivileged user who can write to nothing but its volume, and drains on SIGTERM', async () => {
    await using bus = await startTestNats();
    const volume = join(folder, 'volume');
    await mkdir(volume);
    if (mayChangeUser) await chown(volume, containerUser, containerUser);
    const entrypoint = jsonForm(lastStage, 'ENTRYPOINT').map((word) => word.replace(/^\/app\//, `${image()}/app/`));
    await using agent = startContainer({
      command: entrypoint,
      cwd: join(image(), 'app'),
      env: {
        WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
        WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
        Nats__Url: bus.url,
        Agent__DataDir: volume,
        Http__Host: '127.0.0.1',
        Http__Port: '0',
        // Not there: what Node would keep between starts has nowhere to go.
        TMPDIR: join(folder, 'no-tmp'),
      },
    });
    const ready = await until(
      () => `the agent to be ready:\n${agent.output()}`,
      () => /"message":"The agent is ready\."[^\n]*"httpPort":(\d+)/.exec(agent.output())?.[1],
    );
    assert.equal((await fetch(`http://127.0.0.1:${ready}/readyz`)).status, 200);
    assert.match(agent.output(), /"version":"\d+\.\d+\.\d+"/);
    agent.kill('SIGTERM');
    assert.equal(await agent.exited, 0, agent.output());
    const written = z.array(z.string()).parse(await readdir(volume));
    assert.ok(written.includes('secrets'));
    assert.equal((await stat(join(volume, 'secrets'))).mode & 0o7777, 0o700);
  });
});

test('image - the build as it is documented is that of this version', () => {
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text('package.json')));
  const wanted: Record<string, string> = {
    'deploy/Dockerfile': `VERSION=${version} `,
    'docs/kubernetes.md': `-t rockbot-agent:${version} `,
  };
  for (const [path, mention] of Object.entries(wanted)) assert.ok(text(path).includes(mention), `${path}: ${mention}`);
});
