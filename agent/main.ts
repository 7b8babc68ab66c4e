// The rockbot-agent executable: configuration, signals and exit codes around the composition root.
import * as nodeModule from 'node:module';
import { dirname } from 'node:path';
import { CacheKeyError } from './auth/cache-envelope.ts';
import { loadConfig, type AgentConfig } from './config/agent-config.ts';
import { ConfigError } from './config/config-problems.ts';
import { VolumeInUseError } from './files/volume-lock.ts';
import { volumeProblem } from './files/volume-problem.ts';
import { createLogger } from './logger.ts';
import { startAgent, type RunningAgent } from './start-agent.ts';
import { redact } from '../shared/redaction.ts';
import { version } from '../shared/version.ts';

/** sysexits.h EX_CONFIG. */
const configurationExit = 78;
/** Milliseconds for an orderly stop. */
const stopDeadlineMs = 8_000;
/** Milliseconds in which a further signal is the same one: npm passes on a Ctrl-C that the terminal has sent to all. */
const echoMs = 500;

const usage = `rockbot-agent ${version}: the headless agent of RockBot.

It takes no arguments; everything is configured by environment variables or the JSON file named by ROCKBOT_CONFIG:
  WorkIQ__TenantId, WorkIQ__ClientId   required: the Entra tenant and the public client
  Nats__Url                            default ws://127.0.0.1:4223
  Agent__Name, Agent__DataDir          default rockbot, /data/agent
See docs/contract.md for all of them.
`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) process.stdout.write(usage);
else if (args.includes('--version')) process.stdout.write(`${version}\n`);
else if (args.length > 0) {
  process.stderr.write(`rockbot-agent takes no arguments (got "${args[0] ?? ''}"). See rockbot-agent --help.\n`);
  process.exitCode = 2;
} else void run();

async function run(): Promise<void> {
  const config = readConfig();
  if (config === undefined) return;
  const logger = createLogger({ level: config.logLevel, fields: { agent: config.name } });
  for (const warning of config.warnings) logger.warn(warning);
  const stopping = new AbortController();
  let agent: RunningAgent | undefined;
  const stop = (why: string, exitCode: number): void => {
    if (stopping.signal.aborted) return;
    stopping.abort(new Error(why));
    logger.info('The agent is stopping.', { why });
    process.exitCode = exitCode;
    setTimeout(() => process.exit(exitCode === 0 ? 1 : exitCode), stopDeadlineMs).unref();
    // While starting, the start itself fails on the signal and takes down what it had made.
    void agent?.close().then(() => process.exit());
  };
  let firstSignalAt: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      firstSignalAt ??= now;
      if (now - firstSignalAt > echoMs) {
        logger.warn('The agent was told to stop a second time and ends at once; what was under way is cut off.');
        process.exit(1);
      }
      stop(signal, 0);
    });
  }
  process.on('uncaughtException', (error) => {
    logger.error('An error was not handled; the agent stops, so that it can be started anew.', {
      error,
      stack: error.stack,
    });
    stop('uncaught error', 1);
  });
  process.on('unhandledRejection', (reason) => {
    logger.error('A failure was not handled.', {
      error: reason,
      stack: reason instanceof Error ? reason.stack : undefined,
    });
  });
  try {
    agent = await startAgent({ config, logger, env: process.env, signal: stopping.signal });
    logger.info('The agent is ready.', {
      version,
      dataDir: config.dataDir,
      bus: config.nats.url,
      httpPort: agent.httpPort,
    });
    // Node writes it at the end only, and a container's process is often just killed. It takes less than a millisecond.
    nodeModule.flushCompileCache?.();
    const { fatal } = agent;
    const onFatal = (): void => {
      logger.error((fatal.reason as Error).message);
      stop('the volume was taken', 1);
    };
    if (fatal.aborted) onFatal();
    else fatal.addEventListener('abort', onFatal);
  } catch (error) {
    if (stopping.signal.aborted) process.exit();
    const configuration = configurationProblem(error, config);
    const isExpected =
      configuration !== undefined ||
      error instanceof VolumeInUseError ||
      typeof (error as NodeJS.ErrnoException).code === 'string';
    logger.error('The agent cannot start.', {
      why: configuration ?? (error as Error).message,
      ...(!isExpected && { stack: (error as Error).stack }),
    });
    process.exit(configuration === undefined ? 1 : configurationExit);
  }
}

/** What an operator has to mend, with the setting's name; undefined for anything else. */
function configurationProblem(error: unknown, { dataDir, workiq }: AgentConfig): string | undefined {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof CacheKeyError) {
    const action = `Configure the key that ${workiq.cacheFile} was written with, or remove that file and sign in again.`;
    return `WorkIQ__CacheKeyFile: ${error.message} ${action}`;
  }
  const { code, path } = error as NodeJS.ErrnoException;
  // A write that finds no space names no path.
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `Agent__DataDir is "${dataDir}", which has no space left (${code}).`;
  if (code === undefined || path === undefined) return undefined;
  if (path.startsWith(dataDir)) return `Agent__DataDir is "${dataDir}"; in it ${path} cannot be used (${code}).`;
  return path.startsWith(dirname(workiq.cacheFile))
    ? `WorkIQ__CacheFile is "${workiq.cacheFile}"; ${path} cannot be used (${code}).`
    : undefined;
}

function readConfig(): AgentConfig | undefined {
  try {
    return loadConfig(process.env, { volumeProblem });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // A value that is quoted as wrong may be a credential in the wrong place.
    process.stderr.write(`${redact(error.message)}\nNothing was started. docs/contract.md lists every setting.\n`);
    process.exitCode = configurationExit;
    return undefined;
  }
}
