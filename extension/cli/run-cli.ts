// One run of the command line: read it, run the command, say what went wrong, return the exit code. It ends no process.
import type { BusCredentials } from '../bus/bus-credentials.ts';
import type { Bus } from '../bus.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { CliContext } from './cli-context.ts';
import { cancelledByUser } from './cli-errors.ts';
import { parseCommandLine } from './command-line.ts';
import { agentRun } from './commands/agent-run.ts';
import { agentStatus } from './commands/agent-status.ts';
import { authConnect } from './commands/auth-connect.ts';
import { authDisconnect } from './commands/auth-disconnect.ts';
import { authStatus } from './commands/auth-status.ts';
import { doctor } from './commands/doctor.ts';
import { patrolsHistory } from './commands/patrols-history.ts';
import { patrolsList } from './commands/patrols-list.ts';
import { patrolsRun } from './commands/patrols-run.ts';
import { patrolsValidate } from './commands/patrols-validate.ts';
import { promptsGet, promptsList } from './commands/prompts.ts';
import { resourcesList, resourcesRead } from './commands/resources.ts';
import { results } from './commands/results.ts';
import { serversAdd, serversList, serversRemove } from './commands/servers.ts';
import { toolsCall } from './commands/tools-call.ts';
import { toolsList } from './commands/tools-list.ts';
import { errorJson, errorLines } from './error-text.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import type { Invocation, InvocationOf } from './invocation.ts';
import { openBus } from './open-bus.ts';
import { createOutput, hasColors, type Output, type OutputStream } from './output.ts';
import { readCredentials } from './read-setting-file.ts';
import { resolveSettings } from './settings.ts';

export interface CliRun {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  stdin: NodeJS.ReadStream;
  stdout: OutputStream;
  stderr: OutputStream;
  /** Abort with a RockBotError `cancelled`. */
  signal: AbortSignal;
  version: string;
  programPath: string;
}

/** Each returns an exit code, or nothing for 0. */
type Commands = {
  [Kind in Invocation['kind']]: (invocation: InvocationOf<Kind>, context: CliContext) => Promise<number | void>;
};

const commands: Commands = {
  auth_connect: authConnect,
  auth_status: (_, context) => authStatus(context),
  auth_disconnect: (_, context) => authDisconnect(context),
  tools_list: toolsList,
  tools_call: async (invocation, context) => ((await toolsCall(invocation, context)) ? exitCodes.ok : exitCodes.failed),
  resources_list: resourcesList,
  resources_read: resourcesRead,
  prompts_list: promptsList,
  prompts_get: promptsGet,
  servers_list: (_, context) => serversList(context),
  servers_add: serversAdd,
  servers_remove: serversRemove,
  results,
  agent_run: (_, context) => agentRun(context),
  agent_status: (_, context) => agentStatus(context),
  doctor,
  patrols_list: (_, context) => patrolsList(context),
  patrols_run: patrolsRun,
  patrols_history: patrolsHistory,
  patrols_validate: patrolsValidate,
};

export async function runCli(run: CliRun): Promise<number> {
  // Wanted even when the command line cannot be read.
  const output = createOutput({ ...run, json: run.argv.includes('--json') });
  let invocation: Invocation | undefined;
  try {
    const parsed = await parseCommandLine(run.argv, {
      version: run.version,
      write: (text) => void run.stdout.write(text),
      columns: run.stdout.isTTY ? run.stdout.columns : 100,
      colors: hasColors(run.stdout, run.env),
    });
    if (parsed.kind === 'done') return exitCodes.ok;
    ({ invocation } = parsed);
    return await runCommand(invocation, { run, output, settings: resolveSettings(parsed.globals, run.env) });
  } catch (thrown) {
    const error = run.signal.aborted && !(thrown instanceof RockBotError) ? cancelledByUser() : thrown;
    // The sign-in has told programs in an event of its own.
    if (invocation?.kind !== 'auth_connect') output.json({ ok: false, error: errorJson(error) });
    errorLines(error, output.noteColors).forEach((line) => output.note(line));
    return exitCodeOf(error);
  }
}

async function runCommand(
  invocation: Invocation,
  { run, output, settings }: { run: CliRun; output: Output; settings: CliContext['settings'] },
): Promise<number> {
  let credentials: Promise<BusCredentials | undefined> | undefined;
  let bus: Promise<Bus> | undefined;
  const context: CliContext = {
    ...run,
    settings,
    output,
    credentials: () => (credentials ??= readCredentials(settings.credentialsFile)),
    bus: () =>
      (bus ??= context
        .credentials()
        .then((own) => openBus({ settings, output, credentials: own, signal: run.signal }))),
  };
  try {
    // Each takes the invocation of its own kind, which TypeScript does not follow through the table.
    const command = commands[invocation.kind] as (
      invocation: Invocation,
      context: CliContext,
    ) => Promise<number | void>;
    return (await command(invocation, context)) ?? exitCodes.ok;
  } finally {
    await bus?.then((open) => open.close()).catch(() => undefined);
  }
}
