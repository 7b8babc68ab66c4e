// rockbot doctor: checks from the bus to the servers, each with what to do; it changes nothing.
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { isLoopbackUrl, noAgentAnswers } from '../../bus/bus-failures.ts';
import type { Bus } from '../../bus.ts';
import { configFolder } from '../../consent/config-folder.ts';
import { agentKeyFingerprint } from '../../consent/agent-key.ts';
import { createKnownAgents } from '../../consent/known-agents.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';
import { exitCodeOf, exitCodes } from '../exit-code.ts';
import { wrap } from '../terminal-text.ts';

interface Finding {
  name: string;
  outcome: 'ok' | 'warning' | 'failed';
  detail: string;
  action?: string | undefined;
}

/** @returns the exit code: that of the first check that failed */
export async function doctor(context: CliContext): Promise<number> {
  const { output } = context;
  const findings: Finding[] = [];
  let exitCode: number = exitCodes.ok;
  const report = (finding: Finding): void => {
    findings.push(finding);
    output.lines(findingLines(finding, context));
  };
  const check = async (name: string, run: () => Promise<Finding[]>): Promise<boolean> => {
    using _ = output.wait(name);
    try {
      (await run()).forEach(report);
      return true;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof RockBotError)) throw error;
      if (exitCode === exitCodes.ok) exitCode = exitCodeOf(error);
      report({ name, outcome: 'failed', detail: error.message, action: error.action });
      return false;
    }
  };
  const canGoOn =
    (await check('Credentials', () => checkCredentials(context))) && (await check('Bus', () => checkBus(context)));
  if (canGoOn && (await check('Agent', async () => checkAgent(await context.bus(), context)))) {
    const bus = await context.bus();
    await check('Events', () => checkEvents(bus));
    await check('Sign-in', () => checkSignIn(bus, context));
    await check('Servers', () => checkServers(bus, context));
  }
  const failed = findings.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0 && exitCode === exitCodes.ok)
    exitCode = failed.some(({ name }) => name === 'Sign-in') ? exitCodes.noPermission : exitCodes.failed;
  output.json({ ok: failed.length === 0, checks: findings });
  const { colors } = output.view;
  output.lines([
    '',
    failed.length === 0
      ? colors.green('Everything is in order.')
      : colors.red(`${failed.length} of ${findings.length} checks failed.`),
  ]);
  return exitCode;
}

async function checkCredentials({ settings, credentials }: CliContext): Promise<Finding[]> {
  const own = await credentials();
  if (own !== undefined) {
    return [
      { name: 'Credentials', outcome: 'ok', detail: `${settings.credentialsFile?.path}, public nkey ${own.publicKey}` },
    ];
  }
  const isLocal = isLoopbackUrl(settings.busUrl);
  return [
    {
      name: 'Credentials',
      outcome: isLocal ? 'ok' : 'warning',
      detail: 'none; the bus is used without a user',
      action: isLocal ? undefined : 'A bus that others reach should have users: give yours with --nkey or --creds.',
    },
  ];
}

async function checkBus(context: CliContext): Promise<Finding[]> {
  const { busUrl } = context.settings;
  const startedAt = performance.now();
  const bus = await context.bus();
  await bus.flush();
  const detail = `${busUrl} answers (${Math.round(performance.now() - startedAt)} ms)`;
  const isPlain = busUrl.startsWith('ws:') && !isLoopbackUrl(busUrl);
  return [
    isPlain
      ? {
          name: 'Bus',
          outcome: 'warning',
          detail: `${detail}, without TLS`,
          action: 'Results travel readable; use wss://.',
        }
      : { name: 'Bus', outcome: 'ok', detail },
  ];
}

async function checkAgent(bus: Bus, { settings, signal, env }: CliContext): Promise<Finding[]> {
  const timeoutMs = settings.timeoutMs ?? requestTimeoutMs;
  const profile = await bus.request('authProfile', {}, { signal, timeoutMs });
  if (profile.agent !== settings.agent) throw noAgentAnswers(settings.agent, settings.busUrl);
  const fingerprint = await agentKeyFingerprint(profile.publicKey);
  const known = await createKnownAgents({ folder: configFolder(env) }).find({
    busUrl: settings.busUrl,
    agent: settings.agent,
  });
  const key: Finding =
    known === undefined || known === fingerprint
      ? { name: 'Agent key', outcome: 'ok', detail: `${fingerprint}${known === undefined ? ' (not used yet)' : ''}` }
      : {
          name: 'Agent key',
          outcome: 'warning',
          detail: `${fingerprint} instead of ${known}`,
          action: 'Ask the operator whether the key was renewed before you sign in.',
        };
  return [
    {
      name: 'Agent',
      outcome: 'ok',
      detail: `${settings.agent} answers; tenant ${profile.tenantId}, app ${profile.clientId}`,
    },
    key,
  ];
}

async function checkEvents(bus: Bus): Promise<Finding[]> {
  let refused: RockBotError | undefined;
  const names = ['authChanged', 'authExpired', 'agentStatus', 'toolResult', 'mcpServersIndexed'] as const;
  const ends = names.map((name) =>
    bus.subscribe(name, () => undefined, { onForbidden: (error) => (refused ??= error) }),
  );
  try {
    // The refusal comes before the answer to the flush.
    await bus.flush();
    if (refused !== undefined) throw refused;
    return [{ name: 'Events', outcome: 'ok', detail: 'states and results can be followed' }];
  } finally {
    ends.forEach((end) => end());
  }
}

async function checkSignIn(bus: Bus, { settings, signal }: CliContext): Promise<Finding[]> {
  const state = await bus.request('authState', {}, { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs });
  const name = 'Sign-in';
  const who = state.account === undefined ? '' : ` as ${state.account.username}`;
  const detail = `${state.status.replace('_', ' ')}${who}${state.reason === undefined ? '' : `: ${state.reason.message}`}`;
  const action = state.reason?.action ?? 'Run "rockbot auth workiq" to sign in.';
  if (state.status === 'connected') return [{ name, outcome: 'ok', detail }];
  return [{ name, outcome: state.status === 'degraded' ? 'warning' : 'failed', detail, action }];
}

async function checkServers(bus: Bus, { settings, signal }: CliContext): Promise<Finding[]> {
  const { servers, problems } = await bus.request(
    'toolList',
    {},
    { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs },
  );
  const findings = servers.map((server): Finding => {
    const name = `Server ${server.name}`;
    const detail = `${server.state.replace('_', ' ')}, ${server.tools.length} tools${server.error === undefined ? '' : `: ${server.error.message}`}`;
    if (server.state === 'ready') return { name, outcome: 'ok', detail };
    const isMild = server.state === 'disabled' || server.state === 'connecting';
    return { name, outcome: isMild ? 'warning' : 'failed', detail, action: server.error?.action };
  });
  if (servers.length === 0) {
    findings.push({
      name: 'Servers',
      outcome: 'warning',
      detail: 'none in mcp.json',
      action: 'Run "rockbot servers add workiq".',
    });
  }
  for (const problem of problems) {
    findings.push({
      name: 'mcp.json',
      outcome: 'failed',
      detail: problem,
      action: 'Correct mcp.json; what is wrong keeps its last good state, if it had one.',
    });
  }
  return findings;
}

function findingLines({ name, outcome, detail, action }: Finding, { output }: CliContext): string[] {
  const { colors, width } = output.view;
  const mark = { ok: colors.green('✔'), warning: colors.yellow('!'), failed: colors.red('✖') }[outcome];
  const lines = wrap(cleanLine(`${name}: ${detail}`), width - 2);
  return [
    ...lines.map((line, index) => `${index === 0 ? mark : ' '} ${line}`),
    ...(action === undefined ? [] : [`  ${colors.dim('→')} ${cleanLine(action)}`]),
  ];
}
