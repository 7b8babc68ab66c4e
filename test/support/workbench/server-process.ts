// One VS Code server in a process group of its own, which ends with its parent however that ends; it knows no browser.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ServerOptions {
  /** From `provideServer`. */
  root: string;
  /** Removed when this process is killed; otherwise its owner does. */
  temporary: string;
  /** Settings, logs and state of the server. */
  dataFolder: string;
  extensionsFolder: string;
  env?: NodeJS.ProcessEnv | undefined;
  /** Accepts extensions in development and a suite of tests from the page's address; shows no notification on screen then. */
  testMode: boolean;
}

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** As `http://127.0.0.1:40123`. */
  readonly origin: string;
  output(): string;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
/** How long extensions may take to deactivate. */
const stopTimeoutMs = 5000;

const flags =
  '--host 127.0.0.1 --port 0 --without-connection-token --accept-server-license-terms --disable-workspace-trust --disable-telemetry';

/** Flags that every start of the server shares. */
export function folderFlags({
  dataFolder,
  extensionsFolder,
}: Pick<ServerOptions, 'dataFolder' | 'extensionsFolder'>): string[] {
  return ['--server-data-dir', dataFolder, '--user-data-dir', dataFolder, '--extensions-dir', extensionsFolder];
}

/** @throws with the server's output when it ends or stays silent before it listens. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const args = [
    new URL('server-main.ts', import.meta.url).pathname,
    join(options.root, 'out', 'server-main.js'),
    options.temporary,
    ...flags.split(' '),
    ...(options.testMode ? ['--enable-smoke-test-driver'] : []),
    ...folderFlags(options),
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    env: serverEnvironment(options.env),
  });
  const pid = child.pid as number;
  const exited = once(child, 'exit');
  const chunks: string[] = [];
  const output = (): string => chunks.join('');
  const killGroup = (): void => {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };
  const stop = async (): Promise<void> => {
    const timer = setTimeout(killGroup, stopTimeoutMs);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
    killGroup();
  };
  const port = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the VS Code server was not ready in time:\n${output()}`));
    }, startTimeoutMs);
    void exited.then(([code]: unknown[]) => {
      clearTimeout(timer);
      reject(new Error(`the VS Code server ended with ${String(code)}:\n${output()}`));
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        chunks.push(text);
        const found = /agent listening on (\d+)/.exec(output());
        if (found?.[1] === undefined) return;
        clearTimeout(timer);
        resolve(Number(found[1]));
      });
  });
  try {
    return { pid, origin: `http://127.0.0.1:${await port}`, output, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    killGroup();
    throw error;
  }
}

/** Neither the settings of this machine's RockBot nor those of a VS Code around this terminal. */
export function serverEnvironment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(ROCKBOT_|VSCODE_|ELECTRON_|NODE_TEST|NODE_OPTIONS|npm_|Nats__|WorkIQ__)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...env };
}
