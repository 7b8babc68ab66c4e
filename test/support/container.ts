// A program as a container of a pod would run it: its command, its environment and nothing else, as an unprivileged user where the tests
// may change theirs. It knows no Kubernetes.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';

/** The user that the image and the manifests name. */
export const containerUser = 65_532;

/** Whether programs can be run as that user; else they run as the one of the tests. */
export const mayChangeUser =
  process.getuid?.() === 0 &&
  // A sandbox may give root without this right, or keep the folder of the sources from other users.
  spawnSync(process.execPath, ['-e', ''], { uid: containerUser, gid: containerUser, cwd: '/' }).status === 0;

export interface ContainerOptions {
  /** `node` as its first word is the Node that runs the tests. */
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** Ends it at the latest then. */
  timeoutMs?: number;
}

export interface Container extends AsyncDisposable {
  output(): string;
  /** Its exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

export function startContainer({ command, env, cwd = '/', timeoutMs = 60_000 }: ContainerOptions): Container {
  const [program = '', ...args] = command;
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(mayChangeUser && { uid: containerUser, gid: containerUser }),
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => chunks.push(text));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const onParentExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onParentExit);
  const exited = (async () => {
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      return code ?? signal ?? 'unknown';
    } finally {
      clearTimeout(timer);
      process.off('exit', onParentExit);
    }
  })();
  return {
    output: () => chunks.join(''),
    exited,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
