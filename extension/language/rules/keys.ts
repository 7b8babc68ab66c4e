// Keys of an entry that the agent leaves out: unknown ones, those of other clients, and those of another type of server.
import { entryKeys } from '../../../shared/mcp-config/server-entry.ts';
import { membersOf, type MemberNode } from '../mcp-document.ts';
import { removeChild, replaceNode } from './edits.ts';
import { memberAt, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';
import { nearestName } from './nearest-name.ts';

/** Of VS Code, Claude, Cursor, Cline, Gemini, Windsurf and others. */
const foreignKeys: ReadonlySet<string> = new Set(
  `alwaysAllow autoApprove autoApproveTools autoStart cwd description dev envFile gallery icon id inputs name note notes priority
  provider registryUrl restart sandbox shell source tags title tooltip transport transportType trust version watch workingDirectory
  startupTimeout initTimeout requestInit networkTimeout isActive longRunning installSource logoUrl baseUrl baseURL serverUrl httpUrl
  uri endpoint includeInContext displayName disabledReason author homepage repository license metadata _meta comment`.split(
    /\s+/,
  ),
);

const remoteKeys = ['url', 'headers'];
const stdioKeys = ['command', 'args', 'env'];
/** Milliseconds; shorter ones were most likely meant as seconds. */
const shortTimeout = 1_000;

export function* findKeys(view: FileView): Generator<Finding> {
  for (const server of view.servers) {
    if (server.isShadowed) continue;
    yield* findUnknown(view, server);
    if (server.entry !== undefined) yield* findIgnored(view, server, server.entry.type);
    yield* findShortTimeout(view, server);
  }
}

function* findUnknown({ document }: FileView, server: ServerView): Generator<Finding> {
  const refused = new Set(
    server.problems.filter(({ code }) => code === 'unknown-key').map(({ path }) => path.join('.')),
  );
  for (const { key, property } of membersOf(server.node.value)) {
    const name = String(key.value);
    if (entryKeys.has(name) || refused.has(name) || name === '$schema') continue;
    // It is said to be a credential.
    if (server.credentials.some(({ path }) => path[0] === name)) continue;
    if (foreignKeys.has(name))
      yield {
        code: 'mcp/foreign-key',
        ...spanOf(key),
        message: `"${name}" is a key of other clients; the agent leaves it out.`,
        tag: 'unnecessary',
        fixes: () => [{ title: `Remove "${name}"`, edits: removeChild(document, property) }],
      };
    else yield unknownKey(document, { key, property, value: undefined }, nearestName(name, entryKeys));
  }
  for (const member of membersOf(nodeAt(server.node.value, ['auth'])))
    if (member.key.value !== 'profile')
      yield unknownKey(document, member, nearestName(String(member.key.value), ['profile']));
}

function unknownKey(document: FileView['document'], { key, property }: MemberNode, near: string | undefined): Finding {
  const name = String(key.value).slice(0, 60);
  const isFree = near !== undefined && !membersOf(property.parent).some((member) => member.key.value === near);
  return {
    code: 'mcp/unknown-key',
    ...spanOf(key),
    message: `"${name}" is no key of an entry and is left out${isFree ? `: did you mean "${near}"?` : '.'}`,
    fixes: () => [
      ...(isFree ? [{ title: `Rename to "${near}"`, edits: [replaceNode(document, key, near)] }] : []),
      { title: `Remove "${name}"`, edits: removeChild(document, property) },
    ],
  };
}

function* findIgnored({ document }: FileView, server: ServerView, type: string): Generator<Finding> {
  for (const name of type === 'stdio' ? remoteKeys : stdioKeys) {
    const member = memberAt(server, [name]);
    if (member === undefined) continue;
    const kind = type === 'stdio' ? 'a server with a command' : 'a server with a url';
    yield {
      code: 'mcp/ignored-key',
      ...spanOf(member.key),
      message: `"${name}" means nothing for ${kind} and is left out.`,
      tag: 'unnecessary',
      fixes: () => [{ title: `Remove "${name}"`, edits: removeChild(document, member.property) }],
    };
  }
}

function* findShortTimeout({ document }: FileView, server: ServerView): Generator<Finding> {
  const node = nodeAt(server.node.value, ['timeoutMs']);
  const timeout = server.raw['timeoutMs'];
  if (node === undefined || typeof timeout !== 'number' || timeout <= 0 || timeout >= shortTimeout) return;
  yield {
    code: 'mcp/short-timeout',
    ...spanOf(node),
    message: `${timeout} milliseconds are hardly enough for a call. Did you mean ${timeout} seconds?`,
    fixes: () => [{ title: `Write ${timeout * 1_000}`, edits: [replaceNode(document, node, timeout * 1_000)] }],
  };
}
