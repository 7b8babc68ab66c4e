// What an agent does not take of a file that is edited over the bus, although the entry is right: it is said before it is saved.
import { registeredMark } from '../../../shared/mcp-config/server-entry.ts';
import { tenantVariable } from '../../../shared/mcp-config/tenant-variable.ts';
import { agentScheme } from '../../mcp-file/agent-file-path.ts';
import { variableUses } from '../variables.ts';
import { memberAt, nameSpan, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';

/** Levels of `McpBridge__EditableOverBus` at which neither commands nor variables come over the bus. */
const bounded: ReadonlySet<string> = new Set(['registered', 'remote']);

export function* findOverBus(view: FileView): Generator<Finding> {
  const { document, context, servers } = view;
  if (!document.text.uri.startsWith(`${agentScheme}:`) || !bounded.has(context.agent?.editing ?? '')) return;
  for (const server of servers) if (isNew(server)) yield* findCommand(server);
  const others = variableUses(document).filter(({ name }) => name !== tenantVariable);
  for (const { from, to, server } of others) {
    const owner = servers.find(({ node }) => node === server);
    if (owner === undefined || !isNew(owner) || owner.entry?.type === 'stdio') continue;
    yield {
      code: 'mcp/not-over-bus',
      from,
      to,
      message: `What is saved over the bus may use no variable but \${${tenantVariable}}: another one could be sent away. Have the operator of the agent add this server there.`,
    };
  }
}

/** What the operator has written stays as it is, and is refused only when it is changed. */
function isNew({ listed, raw, isShadowed }: ServerView): boolean {
  return !isShadowed && (listed === undefined || raw[registeredMark] === true);
}

function* findCommand(server: ServerView): Generator<Finding> {
  if (server.entry?.type !== 'stdio') return;
  const member = memberAt(server, ['command']);
  yield {
    code: 'mcp/not-over-bus',
    ...(member === undefined ? nameSpan(server) : spanOf(member.key)),
    message:
      'A server with a command is not added over the bus: it would run on the agent. Have the operator of the agent add it there.',
  };
}
