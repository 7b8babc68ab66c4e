// Asks a program whether it is a nats-server this product can use; it does not look for one.
import { NatsServerError } from './nats-server-error.ts';
import { installAdvice } from './install-advice.ts';
import { runCommand } from './run-command.ts';

/** Oldest version whose WebSocket listener and permissions the product is tested with. */
const oldest = [2, 9, 0] as const;

/**
 * Runs `<path> -v` and returns the version, as "2.9.10".
 * @throws NatsServerError `unusable` when it does not run, is something else or is too old.
 */
export async function readNatsServerVersion(
  path: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(path, { args: ['-v'], env, timeoutMs: 10_000, signal });
  const version = /^nats-server: v(\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1];
  if (code !== 0 || version === undefined) {
    throw new NatsServerError({
      problem: 'unusable',
      message: `${path} is no nats-server that runs here: ${(stderr || stdout).trim().slice(0, 200) || `exit code ${code}`}`,
      nextStep: installAdvice(process.platform),
    });
  }
  if (compareVersions(version, oldest.join('.')) < 0) {
    throw new NatsServerError({
      problem: 'unusable',
      message: `${path} is nats-server ${version}; ${oldest.join('.')} or newer is needed.`,
      nextStep: installAdvice(process.platform),
    });
  }
  return version;
}

/** Sorts versions by their three numbers; pre-release tags do not count. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string): number[] => version.split(/[.-]/, 3).map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
