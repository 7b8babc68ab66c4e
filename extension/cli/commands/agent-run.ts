// rockbot agent: a local agent in the foreground, and a local bus where none answers; both end with this command.
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { flatSettings } from '../../../shared/flat-settings.ts';
import { connectBus } from '../../bus.ts';
import { isLoopbackUrl } from '../../bus/bus-failures.ts';
import { BusUnreachableError } from '../../bus/bus-unreachable.ts';
import { findAgentProgram, startAgentChild, type AgentChild } from '../../local/agent-child.ts';
import { findNatsServer } from '../../local/find-nats-server.ts';
import { startNatsServer, type NatsServerEvent, type NatsServerProcess } from '../../local/nats-server-process.ts';
import { resolveAgentSettings, type AgentSettings } from '../agent-settings.ts';
import type { CliContext } from '../cli-context.ts';
import { ConfigurationError } from '../cli-errors.ts';
import { exitCodes } from '../exit-code.ts';
import { readSettingFile } from '../read-setting-file.ts';
import { renderLogLine } from '../render/agent-log.ts';

/** @returns the exit code */
export async function agentRun(context: CliContext): Promise<number> {
  const { output, signal } = context;
  const program = agentProgram(context.programPath);
  const settings = resolveAgentSettings(context.settings, await ownSettings(context.env));
  await using _server = await serverIfNeeded(context, settings);
  signal.throwIfAborted();

  const child = startAgentChild({
    program,
    // Its log is JSON for programs; a person in front of a terminal gets it drawn.
    log: output.isPerson ? 'pipe' : 'inherit',
    env: { ...localDefaults(context.env), ...settings.env },
  });
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      output.note(renderLogLine(line, { ...output.view, colors: output.noteColors }));
    });
  }
  output.note(output.noteColors.dim(`Starting agent ${settings.agent} on ${settings.busUrl}; Ctrl-C ends it.`));
  // Without await the bus would be disposed of first.
  const code = await waitForAgent(child, signal);
  if (signal.aborted) output.note(output.noteColors.dim(`Agent ${settings.agent} has ended.`));
  return signal.aborted ? exitCodes.cancelled : code;
}

async function waitForAgent(child: AgentChild, signal: AbortSignal): Promise<number> {
  const stop = (): void => child.end();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const { code } = await child.exited;
  signal.removeEventListener('abort', stop);
  return code ?? exitCodes.failed;
}

/** Starts a nats-server when nothing answers at a loopback address; a bus elsewhere is not ours to start. */
async function serverIfNeeded(context: CliContext, settings: AgentSettings): Promise<NatsServerProcess | undefined> {
  const { output, env, signal } = context;
  // An address that is none the agent itself reports, with all else that is wrong with its settings.
  if (!/^wss?:\/\//.test(settings.busUrl) || !URL.canParse(settings.busUrl)) return undefined;
  if (await answers(context, settings)) return undefined;
  const { hostname, port, protocol } = new URL(settings.busUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!isLoopbackUrl(settings.busUrl) || protocol !== 'ws:') {
    throw new BusUnreachableError({
      message: `No bus answers at ${settings.busUrl}.`,
      action: 'A bus is started here only at a ws:// address of this machine, such as ws://127.0.0.1:4223.',
    });
  }
  const spinner = output.wait('Looking for nats-server');
  try {
    const { path } = await findNatsServer({
      env,
      signal,
      onProgress: (message) => output.note(output.noteColors.dim(message)),
    });
    spinner.update('Starting nats-server');
    const server = await startNatsServer({
      binary: path,
      host,
      websocketPort: Number(port || 80),
      // The size of what tools return.
      maxPayload: 8 * 1024 * 1024,
      onEvent: (event) => output.note(output.noteColors.dim(eventText(event))),
    });
    return server;
  } finally {
    spinner.stop();
  }
}

/** A bus that turns us away answers, too; the agent may have credentials of its own. */
async function answers(context: CliContext, settings: AgentSettings): Promise<boolean> {
  const { signal } = context;
  const { busUrl, agent, busCaFile, usesCliCredentials } = settings;
  const [credentials, ca] = await Promise.all([
    usesCliCredentials ? context.credentials() : undefined,
    busCaFile === undefined ? undefined : readSettingFile(busCaFile, 'CA file'),
  ]);
  try {
    const bus = await connectBus({
      url: busUrl,
      agent,
      source: 'cli',
      credentials,
      ca,
      connectTimeoutMs: 2_000,
      signal,
    });
    await bus.close();
    return true;
  } catch (error) {
    if (error instanceof BusUnreachableError) return false;
    if (error instanceof RockBotError && error.code === 'forbidden') return true;
    throw error;
  }
}

function eventText(event: NatsServerEvent): string {
  switch (event.kind) {
    case 'ready':
      return `nats-server listens on ${event.url}.`;
    case 'crashed':
      return 'nats-server ended unexpectedly; starting it again.';
    case 'restart_failed':
    case 'gave_up':
      return event.error.message;
    case 'stopped':
      return 'nats-server ended.';
  }
}

/** The bundle beside this one, or the source when this runs from source. */
function agentProgram(programPath: string): string {
  const found = findAgentProgram(dirname(programPath));
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `The agent's program is not beside ${programPath}.`,
    'Install the whole package, or build it with "npm run build".',
  );
}

/** As the agent itself will read them. */
async function ownSettings(env: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const file = env['ROCKBOT_CONFIG'];
  if (!file) return flatSettings(env);
  const text = await readSettingFile(file, 'ROCKBOT_CONFIG file');
  try {
    return flatSettings(env, { file, value: JSON.parse(text) });
  } catch (error) {
    throw new ConfigurationError(
      `ROCKBOT_CONFIG: ${file} holds no settings (${(error as Error).message}).`,
      'See docs/contract.md for its form.',
      error,
    );
  }
}

/** The agent's own defaults are a container's: its volume at /data, its ports open to the pod. */
function localDefaults(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const data =
    process.platform === 'win32'
      ? join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'rockbot')
      : join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'rockbot');
  return {
    ...(!env['ROCKBOT_CONFIG'] && { Agent__DataDir: join(data, 'agent'), Http__Host: '127.0.0.1' }),
    ...env,
  };
}
