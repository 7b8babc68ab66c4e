// rockbot tools list
import type { ListedServer, ListedTool } from '../../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';
import type { InvocationOf } from '../invocation.ts';
import type { View } from '../render/view.ts';
import { columnWidth, cut, padEnd } from '../terminal-text.ts';
import { hiddenLines, problemLines, serverHeadline } from './server-text.ts';

export async function toolsList(invocation: InvocationOf<'tools_list'>, context: CliContext): Promise<void> {
  const { output, settings, signal } = context;
  const connection = await context.bus();
  using _ = output.wait(`Asking the agent ${settings.agent} for its tools`);
  const { server } = invocation;
  const reply = await connection.request('toolList', server === undefined ? {} : { server }, {
    signal,
    timeoutMs: settings.timeoutMs ?? requestTimeoutMs,
  });
  // An older agent may not filter.
  const servers = server === undefined ? reply.servers : reply.servers.filter(({ name }) => name === server);
  if (server !== undefined && servers.length === 0) throw unknownServer(server);
  output.json({ ok: true, ...reply, servers });
  const { view } = output;
  if (servers.length === 0) {
    output.lines([view.colors.dim('The agent has no MCP servers yet. Add one: rockbot servers add workiq')]);
  }
  output.lines(servers.flatMap((item, index) => [...(index > 0 ? [''] : []), ...serverLines(item, view)]));
  output.lines(problemLines(reply.problems, view));
}

function unknownServer(server: string): RockBotError {
  return new RockBotError({
    code: 'tool_not_found',
    message: `The agent has no server named "${server}".`,
    action: 'See the names with "rockbot servers list".',
  });
}

function serverLines(server: ListedServer, view: View): string[] {
  const nameWidth = columnWidth(
    server.tools.map((tool) => cleanLine(tool.name)),
    Math.max(20, Math.floor(view.width / 3)),
  );
  return [
    serverHeadline(server, view),
    ...server.tools.map((tool) => toolLine(tool, nameWidth, view)),
    ...hiddenLines(server, view),
  ];
}

function toolLine(tool: ListedTool, nameWidth: number, view: View): string {
  const { colors } = view;
  const badge = tool.sideEffects === 'write' ? colors.yellow('write') : colors.dim('read ');
  const name = cleanLine(tool.name);
  const about = firstSentence(cleanLine(tool.description ?? tool.title ?? ''));
  // A cut name could not be called.
  const room = view.width - Math.max(nameWidth, name.length) - 11;
  return `  ${badge}  ${padEnd(name, nameWidth)}  ${colors.dim(cut(about, Math.max(0, room)))}`.trimEnd();
}

function firstSentence(text: string): string {
  return /^.{12,}?[.!?](?=\s+[A-Z([`"])/.exec(text)?.[0] ?? text;
}
