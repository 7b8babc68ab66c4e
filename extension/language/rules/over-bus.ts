// What an agent does not take of a file that is edited over the bus, although the entry is right: it is said before it is saved.
import { registeredMark } from '../../../shared/mcp-config/server-entry.ts';
import { tenantVariable } from '../../../shared/mcp-config/tenant-variable.ts';
import { isBoundedOverBus } from '../bounded-editing.ts';
import { variableUses, type VariableUse } from '../variables.ts';
import { memberAt, nameSpan, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';

export function* findOverBus(view: FileView): Generator<Finding> {
  const { document, context, servers } = view;
  if (!isBoundedOverBus(document, context)) return;
  const others = variableUses(document).filter(({ name }) => name !== tenantVariable);
  for (const server of servers) {
    if (!isNew(server)) continue;
    if (server.entry?.type === 'stdio') yield commandFinding(server);
    else if (server.entry !== undefined) yield* findVariables(server, others);
  }
}

/** What the operator has written stays as it is, and is refused only when it is changed. */
function isNew({ listed, raw, isShadowed }: ServerView): boolean {
  return !isShadowed && (listed === undefined || raw[registeredMark] === true);
}

function* findVariables({ node }: ServerView, uses: readonly VariableUse[]): Generator<Finding> {
  for (const key of ['url', 'headers']) {
    const { offset = 0, length = 0 } = nodeAt(node.value, [key]) ?? {};
    for (const { from, to } of uses)
      if (from >= offset && to <= offset + length)
        yield {
          code: 'mcp/not-over-bus',
          from,
          to,
          message: `A server that is added over the bus may use no variable but \${${tenantVariable}}: it could send away what the agent keeps in its environment. Have the operator of the agent add it there.`,
        };
  }
}

function commandFinding(server: ServerView): Finding {
  const member = memberAt(server, ['command']);
  return {
    code: 'mcp/not-over-bus',
    ...(member === undefined ? nameSpan(server) : spanOf(member.key)),
    message:
      'A server with a command is not added over the bus: it would run on the agent. Have the operator of the agent add it there.',
  };
}
