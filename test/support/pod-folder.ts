// A pod laid out in a folder as its containers would see it: volumes at their places, Secrets as files, and an environment whose paths
// lead there. It knows no cluster, and the meaning of no setting.
import { chmod, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerUser, mayChangeUser, startContainer, type Container as Process } from './container.ts';
import type { Manifest } from './kustomize.ts';
import { environmentOf, podOf, type Container } from './pod.ts';
import { until } from './until.ts';

export interface PodFolder {
  /** Where something lies that a container finds at this path. */
  path(inContainer: string): string;
  /** Puts the files of a Secret where the pod has it, in place of those that were there. */
  putSecret(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Runs the init containers one after another and then the agent, all as the user of the pod where the tests may change theirs. */
  start(options: StartOptions): Promise<PodAgent>;
}

export interface StartOptions {
  /** What the image holds at a path, such as `/app/prepare-volume.cjs`. */
  image: Readonly<Record<string, string>>;
  /** What the image runs without a command. */
  entrypoint: readonly string[];
}

export interface PodAgent extends AsyncDisposable {
  output(): string;
  readonly exited: Promise<number | string>;
  /** As a probe or Prometheus would. */
  get(path: '/livez' | '/readyz' | '/metrics'): Promise<{ status: number; text: string }>;
  /** Resolves when the readiness probe says so. */
  ready(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | string>;
}

/** Longest life of a container and longest wait for the agent, in milliseconds, on a machine with much else to do. */
const lifeMs = 600_000;
const startMs = 60_000;

/** The root of the containers is not read-only here; nothing else is left out. */
export async function layOutPod({ build, folder }: { build: readonly Manifest[]; folder: string }): Promise<PodFolder> {
  const pod = podOf(build);
  const { fsGroup } = pod.securityContext;
  const mounts = pod.containers.flatMap(({ volumeMounts }) => volumeMounts);
  const path = (inContainer: string): string => join(folder, inContainer);
  /** A path at or below a mount; all else is what it is. */
  const moved = (value: string): string =>
    mounts.some(({ mountPath }) => value === mountPath || value.startsWith(`${mountPath}/`)) ? path(value) : value;
  const environment = (container: Container): Record<string, string> => ({
    ...Object.fromEntries(Object.entries(environmentOf(container, build)).map(([name, value]) => [name, moved(value)])),
    TMPDIR: path('/tmp'),
  });
  for (const { mountPath } of mounts) {
    await mkdir(path(mountPath), { recursive: true });
    // As the kubelet does for an fsGroup: of root, writable for the group, which new files inherit.
    if (mayChangeUser) await chown(path(mountPath), 0, fsGroup);
    await chmod(path(mountPath), 0o2775);
  }
  return {
    path,
    async putSecret(name, files) {
      const volume = pod.volumes.find(({ secret }) => secret?.secretName === name);
      const mount = mounts.find((candidate) => candidate.name === volume?.name);
      if (volume?.secret === undefined || mount === undefined) throw new Error(`The pod mounts no Secret "${name}".`);
      const at = path(mount.mountPath);
      for (const entry of await readdir(at)) await rm(join(at, entry));
      for (const [file, content] of Object.entries(files)) {
        await writeFile(join(at, file), content, { mode: volume.secret.defaultMode });
        if (!mayChangeUser) continue;
        await chown(join(at, file), 0, fsGroup);
        await chmod(join(at, file), volume.secret.defaultMode | 0o440);
      }
    },
    async start({ image, entrypoint }) {
      for (const container of pod.initContainers) {
        await using init = startContainer({
          command: (container.command ?? []).map((word) => image[word] ?? word),
          env: environment(container),
        });
        const code = await init.exited;
        if (code !== 0) throw new Error(`${container.name} ended with ${code}:\n${init.output()}`);
      }
      const agent = pod.containers.find(({ name }) => name === 'agent');
      if (agent === undefined) throw new Error('The pod has no container "agent".');
      const child = startContainer({
        command: [...(agent.command ?? entrypoint), ...(agent.args ?? [])],
        // The pod has an address of its own, this machine may have other agents.
        env: { ...environment(agent), Http__Host: '127.0.0.1', Http__Port: '0' },
        timeoutMs: lifeMs,
      });
      return servingAgent(child);
    },
  };
}

async function servingAgent(child: Process): Promise<PodAgent> {
  let hasExited = false;
  void child.exited.then(() => (hasExited = true));
  const waiting = { timeoutMs: startMs, everyMs: 50 };
  const port = await until(
    () => `the agent to start:\n${child.output()}`,
    () => {
      if (hasExited) throw new Error(`The agent ended before it was ready:\n${child.output()}`);
      return /"httpPort":(\d+)/.exec(child.output())?.[1];
    },
    waiting,
  ).catch(async (error: unknown) => {
    await child[Symbol.asyncDispose]();
    throw error;
  });
  const get: PodAgent['get'] = async (address) => {
    const response = await fetch(`http://127.0.0.1:${port}${address}`);
    return { status: response.status, text: await response.text() };
  };
  return {
    output: child.output,
    exited: child.exited,
    get,
    async ready() {
      await until(
        () => `the agent to be ready:\n${child.output()}`,
        async () => (await get('/readyz')).status === 200,
        waiting,
      );
    },
    async stop() {
      child.kill('SIGTERM');
      return child.exited;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Gives a file or folder outside of the pod to the user that containers run as. */
export async function giveToContainers(path: string): Promise<void> {
  if (mayChangeUser) await chown(path, containerUser, containerUser);
}
