// Reads the command line into an invocation and writes the help; it runs nothing.
import { Command, CommanderError, Option } from 'commander';
import { UsageError } from './cli-errors.ts';
import { addContentCommands } from './content-commands.ts';
import type { GlobalOptions, Invocation, SignInMethod } from './invocation.ts';
import { addPatrolCommands } from './patrol-commands.ts';

export interface CommandLineOptions {
  version: string;
  /** For help and version. */
  write: (text: string) => void;
  /** Width of the help. */
  columns?: number | undefined;
  colors?: boolean | undefined;
}

export type ParsedCommandLine =
  | { kind: 'run'; invocation: Invocation; globals: GlobalOptions }
  /** Help or version was written. */
  | { kind: 'done' };

/** @throws UsageError */
export async function parseCommandLine(
  argv: readonly string[],
  options: CommandLineOptions,
): Promise<ParsedCommandLine> {
  let invocation: Invocation | undefined;
  let complaint = '';
  const program = buildProgram((parsed) => (invocation = parsed));
  const configure = (command: Command): void => {
    command.exitOverride().configureOutput({
      writeOut: options.write,
      writeErr: () => undefined,
      outputError: (text) => (complaint = text),
      getOutHelpWidth: () => options.columns ?? 80,
      getOutHasColors: () => options.colors ?? false,
    });
    // Help of a deeper command lists the global options as well.
    command.configureHelp({ showGlobalOptions: true });
    command.commands.forEach(configure);
  };
  program.version(options.version, '-V, --version', 'print the version');
  configure(program);
  if (argv.length === 0) {
    program.outputHelp();
    return { kind: 'done' };
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'done' };
    throw usageError(error, complaint, argv, program);
  }
  if (invocation === undefined) throw new UsageError('This command needs a subcommand.', 'Run "rockbot --help".');
  const { timeout, ...globals } = program.opts<{ timeout?: number } & GlobalOptions>();
  if (globals.nkey !== undefined && globals.creds !== undefined) {
    throw new UsageError('--nkey and --creds exclude each other.', 'Give one of them.');
  }
  return {
    kind: 'run',
    invocation,
    globals: { ...globals, json: globals.json ?? false, timeoutMs: timeout },
  };
}

/** What other programs call it. */
const sameElsewhere: ReadonlyMap<string, string> = new Map([
  ['login', 'auth workiq'],
  ['signin', 'auth workiq'],
  ['sign-in', 'auth workiq'],
  ['connect', 'auth workiq'],
  ['logout', 'auth disconnect'],
  ['signout', 'auth disconnect'],
  ['sign-out', 'auth disconnect'],
  ['disconnect', 'auth disconnect'],
  ['whoami', 'auth status'],
]);

function usageError(error: CommanderError, complaint: string, argv: readonly string[], program: Command): UsageError {
  const path = commandPath(argv, program);
  const text = (complaint || error.message).replace(/^error: /, '').trim();
  const message =
    error.code === 'commander.help' ? `"${path}" needs a subcommand.` : text.charAt(0).toUpperCase() + text.slice(1);
  const unknown = error.code === 'commander.unknownCommand' ? /'([^']*)'/.exec(text)?.[1] : undefined;
  const meant = unknown === undefined ? undefined : sameElsewhere.get(unknown);
  const [first = '', ...hints] = message.split('\n').map((line) => line.trim());
  return new UsageError(
    [first.replace(/([^.?!])$/, '$1.'), ...hints].join(' '),
    meant !== undefined ? `Run "rockbot ${meant}".` : `Run "${path} --help" for what can be given.`,
  );
}

function commandPath(argv: readonly string[], program: Command): string {
  let command = program;
  const path = ['rockbot'];
  for (const word of argv) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) continue;
    command = next;
    path.push(word);
  }
  return path.join(' ');
}

function buildProgram(done: (invocation: Invocation) => void): Command {
  const program = new Command('rockbot')
    .description('Consent to Microsoft Work IQ once; a headless agent calls it from then on.')
    .option('--nats <url>', 'address of the bus, ws:// or wss:// (ROCKBOT_NATS_URL; default ws://127.0.0.1:4223)')
    .option('--nkey <file>', 'file with your nkey seed for the bus (ROCKBOT_NKEY)')
    .option('--creds <file>', 'NATS credentials file, instead of --nkey (ROCKBOT_CREDS)')
    .option('--agent <name>', 'name of the agent (ROCKBOT_AGENT; default rockbot)')
    .option('--json', 'print JSON only on stdout; text for people goes to stderr')
    .addOption(new Option('--timeout <s>', 'longest wait in seconds (of a tool call: 60)').argParser(parseSeconds))
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Examples:
  $ rockbot agent                          run a local agent, with a bus if there is none
  $ rockbot auth workiq                    sign in and hand the sign-in to the agent
  $ rockbot servers add workiq             let the agent use the Work IQ server
  $ rockbot tools list
  $ rockbot tools call workiq fetch --args '{"entityUrls":["/me/messages?$top=5"]}'
  $ rockbot doctor                         find out what is wrong

Exit codes: 0 ok, 1 failed, 2 usage, 69 agent or bus unreachable, 77 sign-in or a right is missing, 78 configuration,
130 cancelled.`,
    );
  addAuth(program, done);
  addTools(program, done);
  addContentCommands(program, done, examples);
  addServers(program, done);
  addAgent(program, done);
  program
    .command('results')
    .description('show the next finished tool call, whoever made it')
    .option('-f, --follow', 'go on until Ctrl-C')
    .addHelpText('after', examples('rockbot results --follow', 'rockbot results --follow --json | jq .tool'))
    .action(({ follow = false }: { follow?: boolean }) => done({ kind: 'results', follow }));
  program
    .command('doctor')
    .description('check bus, rights, agent, sign-in and servers step by step, and say what to do')
    .option('--refresh', 'have Microsoft Entra issue a new token now, which proves that the sign-in works')
    .option('--probe', 'make one harmless call to each Work IQ server, which shows a missing licence; it may be billed')
    .addHelpText(
      'after',
      examples(
        'rockbot doctor',
        'rockbot doctor --refresh --probe',
        'rockbot doctor --json | jq \'.findings[] | select(.severity == "failed")\'',
      ),
    )
    .action(({ refresh = false, probe = false }: { refresh?: boolean; probe?: boolean }) =>
      done({ kind: 'doctor', refresh, probe }),
    );
  addPatrolCommands(program, done, examples);
  return program;
}

function addAuth(program: Command, done: (invocation: Invocation) => void): void {
  const auth = program.command('auth').description('sign in to Microsoft 365 for the agent');
  auth
    .command('workiq')
    .description('sign in and hand the sign-in to the agent; nothing of it is kept here')
    .addOption(new Option('--browser', 'sign in with the browser of this machine').conflicts('deviceCode'))
    .addOption(new Option('--device-code', 'sign in with a code on any device').conflicts('browser'))
    .option(
      '--trust-new-key',
      "accept the agent's key, or its sign-in service, although it is another one than last time",
    )
    .addHelpText('after', examples('rockbot auth workiq', 'rockbot auth workiq --device-code --json'))
    .action((options: { browser?: boolean; deviceCode?: boolean; trustNewKey?: boolean }) => {
      const method: SignInMethod = options.browser ? 'browser' : options.deviceCode ? 'device_code' : 'auto';
      done({ kind: 'auth_connect', method, trustNewKey: options.trustNewKey ?? false });
    });
  auth
    .command('status')
    .description('show whether the agent is connected, as whom and since when')
    .addHelpText('after', examples('rockbot auth status', 'rockbot auth status --json | jq -r .status'))
    .action(() => done({ kind: 'auth_status' }));
  auth
    .command('disconnect')
    .description('have the agent forget its sign-in, its account and whom it trusts')
    .addHelpText('after', examples('rockbot auth disconnect'))
    .action(() => done({ kind: 'auth_disconnect' }));
}

function addTools(program: Command, done: (invocation: Invocation) => void): void {
  const tools = program.command('tools').description('tools of the MCP servers that the agent is connected to');
  tools
    .command('list')
    .argument('[server]', 'only of this server')
    .description('list tools, and what is hidden and why')
    .addHelpText(
      'after',
      examples('rockbot tools list', "rockbot tools list workiq --json | jq '.servers[].tools[].name'"),
    )
    .action((server: string | undefined) => done({ kind: 'tools_list', server }));
  tools
    .command('call')
    .argument('<server>', 'as "rockbot tools list" names it')
    .argument('<tool>')
    .description('call a tool and show its result')
    .option('--args <json>', 'arguments as JSON object, @file to read a file, @- to read stdin')
    .addHelpText(
      'after',
      examples(
        `rockbot tools call workiq fetch --args '{"entityUrls":["/me/messages?$top=5"]}'`,
        'rockbot tools call workiq ask --args @question.json --timeout 120',
        `echo '{"question":"What is on today?"}' | rockbot tools call workiq ask --args @- --json`,
      ),
    )
    .action((server: string, tool: string, { args }: { args?: string }) =>
      done({ kind: 'tools_call', server, tool, args }),
    );
}

function addServers(program: Command, done: (invocation: Invocation) => void): void {
  const servers = program.command('servers').description("MCP servers in the agent's mcp.json");
  servers
    .command('list')
    .description('list the servers and their state')
    .addHelpText('after', examples('rockbot servers list'))
    .action(() => done({ kind: 'servers_list' }));
  servers
    .command('add')
    .argument('<name>', '"workiq" needs nothing else')
    .description('add a server; never with a credential, use a profile')
    .option('--url <url>', 'address of the server')
    .option('--profile <name>', "profile whose token the agent sends to it, for example 'workiq'")
    .addOption(new Option('--type <type>', 'transport').choices(['streamable-http', 'http', 'sse']))
    .addHelpText(
      'after',
      examples(
        'rockbot servers add workiq',
        `rockbot servers add docs --url https://learn.microsoft.com/api/mcp`,
        `rockbot servers add mail --url 'https://agent365.svc.cloud.microsoft/agents/tenants/\${WORKIQ_TENANT_ID}/servers/mcp_MailTools' --profile mail`,
      ),
    )
    .action((name: string, { url, profile, type }: { url?: string; profile?: string; type?: string }) =>
      done({ kind: 'servers_add', name, url, profile, type }),
    );
  servers
    .command('remove')
    .argument('<name>')
    .description('remove a server')
    .addHelpText('after', examples('rockbot servers remove docs'))
    .action((name: string) => done({ kind: 'servers_remove', name }));
}

function addAgent(program: Command, done: (invocation: Invocation) => void): void {
  const agent = program
    .command('agent')
    .description('run a local agent in the foreground, with a bus if none answers')
    .addHelpText('after', examples('rockbot agent', 'rockbot agent --nats ws://127.0.0.1:4300 --agent test'))
    .action(() => done({ kind: 'agent_run' }));
  agent
    .command('status')
    .description("show the agent's last heartbeat")
    .addHelpText('after', examples('rockbot agent status'))
    .action(() => done({ kind: 'agent_status' }));
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 86_400))
    throw new UsageError(`"${text}" is no number of seconds.`, 'Give --timeout a number above 0, for example 30.');
  return Math.round(seconds * 1_000);
}
