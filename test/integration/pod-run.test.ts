// What the manifests start, started: the init container on volumes as Kubernetes hands them over, and the dev overlay with its own bus.
import assert from 'node:assert/strict';
import { chmod, chown, copyFile, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as z from 'zod';
import { containerUser, mayChangeUser, startContainer } from '../support/container.ts';
import { freePort } from '../support/free-port.ts';
import { buildManifests, withoutKubectl, type Manifest } from '../support/kustomize.ts';
import { testNatsProgram } from '../support/nats.ts';
import { agentSettings, environmentOf, podOf } from '../support/pod.ts';
import { until } from '../support/until.ts';

const root = new URL('../../', import.meta.url).pathname;
const asOther = mayChangeUser ? false : 'only root may give files to another user';

describe('pod', { skip: withoutKubectl }, () => {
  let folder = '';
  let app = '';
  let volume = '';
  let dev: Manifest[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-pod-'));
    await chmod(folder, 0o755);
    // The files of the image, where any user can read them.
    app = join(folder, 'app');
    await mkdir(app);
    await copyFile(join(root, 'deploy/prepare-volume.cjs'), join(app, 'prepare-volume.cjs'));
    for (const name of ['agent.cjs', 'agent-bundle.cjs']) await copyFile(join(root, 'dist', name), join(app, name));
    dev = await buildManifests('overlays/dev');
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** Empty and as the kubelet hands it over for an fsGroup: of root, writable for the group, which new files inherit. */
  beforeEach(async () => {
    volume = await mkdtemp(join(folder, 'volume-'));
    if (mayChangeUser) await chown(volume, 0, containerUser);
    await chmod(volume, 0o2775);
  });

  async function prepare(): Promise<{ code: number | string; output: string }> {
    const container = podOf(dev).initContainers.find(({ name }) => name === 'prepare-volume');
    assert.ok(container);
    const run = startContainer({
      command: (container.command ?? []).map((word) => word.replace(/^\/app\//, `${app}/`)),
      env: { ...environmentOf(container, dev), Agent__DataDir: volume },
    });
    return { code: await run.exited, output: run.output() };
  }

  const modeOf = async (name: string): Promise<string> =>
    `0${((await lstat(join(volume, name))).mode & 0o7777).toString(8)}`;

  test('pod - the init container makes the folder for secrets, of the agent and for nobody else [P2]', async () => {
    assert.deepEqual(await prepare(), { code: 0, output: '' });
    const made = await lstat(join(volume, 'secrets'));
    assert.equal(await modeOf('secrets'), '0700');
    assert.equal(made.uid, mayChangeUser ? containerUser : process.getuid?.());
    assert.deepEqual(await prepare(), { code: 0, output: '' });
    assert.deepEqual(await readdir(volume), ['secrets']);
  });

  test('pod - the init container narrows what a restored backup or a storage driver has opened to others [P2]', async () => {
    await prepare();
    for (const name of ['agent-key.jwk', 'workiq-cache.bin']) {
      await writeFile(join(volume, 'secrets', name), 'x');
      await chmod(join(volume, 'secrets', name), 0o664);
      if (mayChangeUser) await chown(join(volume, 'secrets', name), containerUser, containerUser);
    }
    await chmod(join(volume, 'secrets'), 0o2770);
    assert.deepEqual(await prepare(), { code: 0, output: '' });
    assert.equal(await modeOf('secrets'), '0700');
    for (const name of ['agent-key.jwk', 'workiq-cache.bin']) assert.equal(await modeOf(`secrets/${name}`), '0600');
  });

  test('pod - the init container says what to do about files of another user', { skip: asOther }, async () => {
    await mkdir(join(volume, 'secrets'), { mode: 0o755 });
    const { code, output } = await prepare();
    assert.equal(code, 78);
    assert.match(output, /secrets belongs to uid 0 and the agent runs as 65532: give it to 65532 \(chown -R\)/);
  });

  test(
    'pod - the init container says what to do about a volume that it may not write to',
    { skip: asOther },
    async () => {
      await chown(volume, 0, 0);
      await chmod(volume, 0o755);
      const { code, output } = await prepare();
      assert.equal(code, 78);
      assert.match(output, /cannot be prepared \(EACCES\).*set fsGroup/);
      assert.deepEqual(await readdir(volume), []);
    },
  );

  test('pod - the init container leaves alone what a link on the volume points to', async () => {
    await mkdir(join(volume, 'secrets'), { mode: 0o700 });
    if (mayChangeUser) await chown(join(volume, 'secrets'), containerUser, containerUser);
    const outside = join(folder, 'outside');
    await writeFile(outside, 'x', { mode: 0o644 });
    await symlink(outside, join(volume, 'secrets', 'agent-key.jwk'));
    const { code, output } = await prepare();
    assert.equal(code, 78);
    assert.match(output, /symbolic link/);
    assert.equal((await lstat(outside)).mode & 0o777, 0o644);
  });

  test('pod - the dev overlay runs as it is: its own bus on the loopback, and an agent that is ready', async () => {
    const settings = agentSettings(dev);
    const map = dev.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('rockbot-nats'));
    const { 'nats-server.conf': config } = z.object({ 'nats-server.conf': z.string() }).parse(map?.['data']);
    assert.deepEqual([...new Set([...config.matchAll(/host: "([^"]*)"/g)].map(([, host]) => host))], ['127.0.0.1']);
    assert.equal(settings['Nats__Url'], 'ws://127.0.0.1:4223');
    // The pod has an address of its own, this machine may have another NATS on these ports.
    const [plain, webSocket] = [await freePort(), await freePort()];
    const file = join(folder, 'nats-server.conf');
    await writeFile(file, config.replace('4222', String(plain)).replace('4223', String(webSocket)), { mode: 0o644 });
    const program = join(app, 'nats-server');
    await copyFile((await testNatsProgram()).path, program);
    await chmod(program, 0o755);
    await using bus = startContainer({ command: [program, '--config', file], env: {} });
    await until(
      () => `nats-server to be ready:\n${bus.output()}`,
      () => bus.output().includes('Server is ready'),
    );
    assert.deepEqual(await prepare(), { code: 0, output: '' });
    await using agent = startContainer({
      command: ['node', join(app, 'agent.cjs')],
      env: {
        ...settings,
        Agent__DataDir: volume,
        Nats__Url: `ws://127.0.0.1:${webSocket}`,
        Http__Host: '127.0.0.1',
        Http__Port: '0',
      },
    });
    const port = await until(
      () => `the agent to be ready:\n${agent.output()}`,
      () => /"message":"The agent is ready\."[^\n]*"httpPort":(\d+)/.exec(agent.output())?.[1],
    );
    for (const path of ['livez', 'readyz', 'metrics'])
      assert.equal((await fetch(`http://127.0.0.1:${port}/${path}`)).status, 200, path);
    assert.equal(await modeOf('secrets/agent-key.jwk'), '0600');
    agent.kill('SIGTERM');
    assert.equal(await agent.exited, 0, agent.output());
  });
});
