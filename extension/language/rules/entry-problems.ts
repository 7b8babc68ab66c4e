// Everything for which the agent does not take an entry, at its place; what is wrong is decided where the agent decides it.
import type { EntryProblem, EntryProblemCode } from '../../../shared/mcp-config/entry-problem.ts';
import { placeText } from '../../../shared/place-text.ts';
import { entryProblemFixes } from './entry-problem-fixes.ts';
import { memberAt, nameSpan, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';

export function* findEntryProblems(view: FileView): Generator<Finding> {
  for (const server of view.servers) {
    if (server.isShadowed) continue;
    for (const problem of server.problems) {
      // `secrets.ts` has them, also of entries that have not even the form of one.
      if (problem.code === 'secret') continue;
      yield {
        code: `mcp/${problem.code}`,
        ...placeOf(server, problem),
        message: messageOf(problem),
        severity: 'error',
        fixes: () => entryProblemFixes(view, server, problem),
      };
    }
  }
}

function placeOf(server: ServerView, { path, isKey, span }: EntryProblem): { from: number; to: number } {
  if (path.length === 0)
    return isKey === true || server.node.value === undefined ? nameSpan(server) : spanOf(server.node.value);
  if (isKey === true) {
    const member = memberAt(server, path);
    if (member !== undefined) return spanOf(member.key);
  }
  const node = nodeAt(server.node.value, path);
  if (node === undefined) return nameSpan(server);
  // The span is of what is written between the quotes, where nothing is escaped.
  return span === undefined || node.type !== 'string' || node.length !== String(node.value).length + 2
    ? spanOf(node)
    : { from: node.offset + 1 + span.start, to: node.offset + 1 + span.end };
}

/** What the schema says of a value follows its name. */
const ofSchema: ReadonlySet<EntryProblemCode> = new Set([
  'wrong-kind',
  'unknown-type',
  'missing-address',
  'out-of-range',
]);

function messageOf(problem: EntryProblem): string {
  const { text } = problem;
  const name = nameOf(problem);
  const words = name === undefined ? `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` : `${name} ${text}`;
  return `${words}${/[.?!]$/.test(words) ? '' : '.'}`;
}

/** Where it is not said, what is underlined says it. */
function nameOf({ code, path, isKey }: EntryProblem): string | undefined {
  if (ofSchema.has(code)) return placeText(path) || 'The entry';
  return code === 'guards' && path.length === 2 && isKey !== true ? String(path[1]) : undefined;
}
