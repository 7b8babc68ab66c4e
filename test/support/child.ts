// One child process of a test: collects everything it prints and ends it for sure. It knows no program.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ChildOptions {
  name: string;
  /** What runs the arguments; this Node when left out. */
  program?: string;
  /** Arguments after `node`, or after the program. */
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Resolves the start: the first line on stdout or stderr for which it gives a value. */
  readyLine: (line: string) => unknown;
  readyTimeoutMs?: number;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** What `readyLine` gave. */
  readonly ready: unknown;
  /** All output so far, both streams. */
  output(): string;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  stop(): Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Rejects with the output when the child ends or stays silent before it is ready. */
export async function startChild({
  name,
  program = process.execPath,
  args,
  env = {},
  readyLine,
  readyTimeoutMs = 20_000,
}: ChildOptions): Promise<Child> {
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  const exited = exitOf(child);
  const onParentExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onParentExit);
  void exited.then(() => process.off('exit', onParentExit));
  const ready = await new Promise<unknown>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${name} ${why}:\n${chunks.join('')}`));
    };
    const timer = setTimeout(() => {
      fail('was not ready in time');
    }, readyTimeoutMs);
    void exited.then((code) => {
      clearTimeout(timer);
      fail(`ended with ${code} before it was ready`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        chunks.push(text);
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const value = readyLine(line);
          if (value === undefined) continue;
          clearTimeout(timer);
          resolve(value);
        }
      });
    }
  });
  const stop = async (): Promise<number | string> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  return {
    pid: child.pid as number,
    ready,
    output: () => chunks.join(''),
    exited,
    stop,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? 'unknown';
}

/** The machine's own settings of the product must not leak into a test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(ROCKBOT_|WorkIQ__|Nats__|Agent__|Auth__|McpBridge__|Http__|Log__|NODE_TEST)/.test(name),
    ),
  );
}

/** For programs that print one JSON object on a line when they are ready. */
export function jsonLine(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
