// rockbot servers list, add, remove
import { systemClock } from '../../../shared/clock.ts';
import type { ListedServer } from '../../../shared/contract/tool-messages.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { workIqEntry, workIqServerName, workIqUrl } from '../../servers/work-iq-entry.ts';
import { UsageError } from '../cli-errors.ts';
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';
import { exitCodes } from '../exit-code.ts';
import type { InvocationOf } from '../invocation.ts';
import { columnWidth, padEnd } from '../terminal-text.ts';
import { hiddenLines, problemLines, serverHeadline, stateMark, stateWord } from './server-text.ts';

const registerTimeoutMs = 30_000;
const settleTimeoutMs = 10_000;

export async function serversList({ bus, output, settings, signal }: CliContext): Promise<void> {
  const connection = await bus();
  using _ = output.wait(`Asking the agent ${settings.agent} for its servers`);
  const reply = await connection.request('toolList', {}, { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs });
  const { servers, problems } = reply;
  output.json({
    ok: true,
    servers: servers.map(({ tools, ...server }) => ({ ...server, tools: tools.length })),
    problems,
  });
  const { view } = output;
  if (servers.length === 0) {
    output.lines([view.colors.dim('The agent has no MCP servers yet. Add one: rockbot servers add workiq')]);
  }
  const nameWidth = columnWidth(
    servers.map(({ name }) => cleanLine(name)),
    40,
  );
  output.lines(
    servers.flatMap((server) => [
      [
        `${stateMark(server.state, view)} ${view.colors.bold(padEnd(cleanLine(server.name), nameWidth))}`,
        stateWord(server.state, view, 15),
        view.colors.dim(
          [`${server.tools.length} tools`, server.type, server.profile && `profile ${server.profile}`, server.version]
            .filter(Boolean)
            .map((item) => cleanLine(item as string))
            .join(', '),
        ),
      ].join('  '),
      ...(server.error === undefined ? [] : hiddenLines({ ...server, hidden: [] }, view)),
    ]),
  );
  output.lines(problemLines(problems, view));
}

/** @returns the exit code: the entry is there in any case, but a server that cannot be used is no success. */
export async function serversAdd(invocation: InvocationOf<'servers_add'>, context: CliContext): Promise<number> {
  const { output, settings, signal } = context;
  const { name } = invocation;
  const entry = entryOf(invocation);
  const connection = await context.bus();
  using _ = output.wait(`Adding ${cleanLine(name)}`);
  const { servers } = await connection.request(
    'mcpManage',
    { action: 'register', name, entry },
    { signal, timeoutMs: settings.timeoutMs ?? registerTimeoutMs },
  );
  const added = await whenSettled(
    servers.find((server) => server.name === name),
    context,
  );
  output.json({ ok: true, servers: servers.map((server) => (server.name === name ? (added ?? server) : server)) });
  const { view } = output;
  const isUsable = added?.state !== 'unavailable' && added?.state !== 'invalid';
  const mark = isUsable ? view.colors.green('✔') : view.colors.yellow('!');
  const but = isUsable ? '' : ' It cannot be used yet:';
  output.lines([
    `${mark} Added ${view.colors.bold(cleanLine(name))} to the agent's mcp.json.${but}`,
    ...(added === undefined ? [] : [`  ${serverHeadline(added, view)}`, ...hiddenLines(added, view)]),
  ]);
  return isUsable ? exitCodes.ok : exitCodes.failed;
}

/** The agent answers before it has connected; a moment later there is more to say. */
async function whenSettled(server: ListedServer | undefined, context: CliContext): Promise<ListedServer | undefined> {
  const { settings, signal } = context;
  const connection = await context.bus();
  const until = Date.now() + (settings.timeoutMs ?? settleTimeoutMs);
  let latest = server;
  while (latest?.state === 'connecting' && Date.now() < until) {
    await systemClock.sleep(300, signal);
    const { name } = latest;
    const { servers } = await connection.request('mcpManage', { action: 'details', name }, { signal });
    latest = servers.find((candidate) => candidate.name === name) ?? latest;
  }
  return latest;
}

export async function serversRemove(invocation: InvocationOf<'servers_remove'>, context: CliContext): Promise<void> {
  const { output, settings, signal } = context;
  const { name } = invocation;
  const connection = await context.bus();
  using _ = output.wait(`Removing ${cleanLine(name)}`);
  const { servers } = await connection.request(
    'mcpManage',
    { action: 'unregister', name },
    { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs },
  );
  output.json({ ok: true, servers });
  output.lines([`${output.view.colors.green('✔')} Removed ${cleanLine(name)} from the agent's mcp.json.`]);
}

function entryOf({
  name,
  url,
  profile,
  type = 'streamable-http',
}: InvocationOf<'servers_add'>): Record<string, unknown> {
  const isWorkIq = name === workIqServerName && url === undefined;
  const address = isWorkIq ? workIqUrl : url;
  if (address === undefined) {
    throw new UsageError(
      `The server "${name}" needs an address.`,
      `Run "rockbot servers add ${name} --url https://…".`,
    );
  }
  // The agent fills in ${NAME} and judges the rest.
  if (!/^(https?:\/\/|\$\{)/.test(address))
    throw new UsageError('--url is no http:// or https:// address.', 'Give the address of the MCP server.');
  const auth = profile ?? (isWorkIq ? workIqEntry.auth.profile : undefined);
  return { type, url: address, ...(auth !== undefined && { auth: { profile: auth } }) };
}
