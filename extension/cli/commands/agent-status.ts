// rockbot agent status: the next heartbeat.
import { heartbeatIntervalMs, type AgentStatus } from '../../../shared/contract/status-messages.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { abortable } from '../../../shared/abort.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { Bus } from '../../bus.ts';
import { requestTimeoutMs, type CliContext } from '../cli-context.ts';
import { durationText, momentText } from '../render/date-text.ts';
import type { View } from '../render/view.ts';
import { authHeadline } from './auth-text.ts';
import { stateMark, stateWord } from './server-text.ts';

export async function agentStatus({ bus, output, settings, signal }: CliContext): Promise<void> {
  const connection = await bus();
  using _ = output.wait('Waiting for the next heartbeat (at most 10 s)');
  const timeoutMs = settings.timeoutMs ?? 2 * heartbeatIntervalMs + 2_000;
  const late = AbortSignal.timeout(timeoutMs);
  const { heartbeat, end } = nextHeartbeat(connection);
  try {
    // Says at once when there is no such agent.
    await connection.request('authState', {}, { signal, timeoutMs: Math.min(timeoutMs, requestTimeoutMs) });
    const status = await abortable(heartbeat, AbortSignal.any([signal, late])).catch((error: unknown) => {
      throw late.aborted && !signal.aborted ? silent(settings.agent) : error;
    });
    output.json({ ok: true, ...status });
    output.lines(statusLines(status, settings.agent, output.view));
  } finally {
    end();
  }
}

function nextHeartbeat(connection: Bus): { heartbeat: Promise<AgentStatus>; end: () => void } {
  const ends: (() => void)[] = [];
  const heartbeat = new Promise<AgentStatus>((resolve, reject) => {
    ends.push(connection.subscribe('agentStatus', resolve, { onForbidden: reject }));
  });
  // The refusal may come while nobody waits yet.
  heartbeat.catch(() => undefined);
  return { heartbeat, end: () => ends.forEach((end) => end()) };
}

function statusLines(status: AgentStatus, agent: string, view: View): string[] {
  const { colors } = view;
  const startedAt = Date.parse(status.startedAt);
  const uptime = Number.isFinite(startedAt) ? `, up for ${durationText(Math.max(0, view.now - startedAt))}` : '';
  return [
    `${colors.green('●')} Agent ${colors.bold(agent)} ${cleanLine(status.version)} ${status.stopping ? colors.yellow('is stopping') : 'is running'}`,
    `  ${colors.dim('started')}   ${cleanLine(momentText(status.startedAt, view))}${uptime}`,
    `  ${colors.dim('instance')}  ${cleanLine(status.instance)}`,
    `  ${colors.dim('sign-in')}   ${authHeadline(status.auth, view)}`,
    ...status.servers.map(
      (server, index) =>
        `  ${colors.dim(index === 0 ? 'servers ' : '        ')}  ${stateMark(server.state, view)} ${cleanLine(server.name)}  ${stateWord(server.state, view)}  ${colors.dim(`${server.tools} tools`)}`,
    ),
  ];
}

function silent(agent: string): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `The agent "${agent}" answers, but sent no heartbeat in time.`,
    action: 'Look at its log; check that the bus lets it publish and you subscribe to its status.',
  });
}
