// Everything for which the agent does not take an entry, at its place; what is wrong is decided where the agent decides it.
import type { EntryProblem } from '../../../shared/mcp-config/entry-problem.ts';
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

/** The place is underlined and need not be said; a key at the beginning stays as it is written. */
function messageOf({ code, path, sentence }: EntryProblem): string {
  const key = String(path.at(-1)).slice(0, 60);
  if (code === 'unknown-key' && path.length > 1) return `"${key}" is no key of "${String(path[0])}".`;
  const words = sentence
    .replace(/^(?:guards|entry): /, '')
    .replace(/^(?:allow|deny)\[\d+\] /, '')
    .replace(/^([\w.-]+): (?=must|is )/, '$1 ');
  const isKey = /^[\w-]+[.[]/.test(words) || path.some((part) => words.startsWith(`${part} `));
  const capital = isKey ? words.slice(0, 1) : words.slice(0, 1).toUpperCase();
  return `${capital}${words.slice(1)}${/[.?!]$/.test(words) ? '' : '.'}`;
}
