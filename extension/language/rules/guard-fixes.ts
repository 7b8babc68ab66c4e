// How guards that cannot be read are repaired: the problems say what was meant.
import type { Node } from 'jsonc-parser';
import type { EntryProblem } from '../../../shared/mcp-config/entry-problem.ts';
import { memberOf, type McpDocument } from '../mcp-document.ts';
import { removeChild, replaceNode } from './edits.ts';
import { memberAt, nodeAt, type FileView, type ServerView } from './file-view.ts';
import type { Fix } from './finding.ts';

export function guardFixes({ document }: FileView, server: ServerView, { path, isKey, sentence }: EntryProblem): Fix[] {
  const meant = /did you mean "([^"]*)"\?$/.exec(sentence)?.[1];
  const member = memberAt(server, path);
  const node = nodeAt(server.node.value, path);
  const guards = nodeAt(server.node.value, ['guards']);
  if (isKey === true && member !== undefined) {
    const remove = { title: `Remove "${String(path.at(-1))}"`, edits: removeChild(document, member.property) };
    const isFree = meant !== undefined && memberOf(guards, meant) === undefined;
    return isFree
      ? [{ title: `Rename to "${meant}"`, edits: [replaceNode(document, member.key, meant)] }, remove]
      : [remove];
  }
  if (node === undefined) return [];
  if (path.length <= 1 || path[1] === 'preset') {
    const names = meant === undefined ? ['read-only', 'no-send', 'full'] : [meant];
    return names.map((name) => ({ title: `Write "${name}"`, edits: [replaceNode(document, node, name)] }));
  }
  if (path.length === 2)
    return typeof node.value === 'string'
      ? [{ title: 'Write a list', edits: [replaceNode(document, node, [node.value])] }]
      : [];
  return [
    ...rewritten(String(node.value), sentence, meant).map((rule) => ({
      title: `Write "${rule}"`,
      edits: [replaceNode(document, node, rule)],
    })),
    ...ruleRemoval(document, server, node),
  ];
}

function rewritten(rule: string, sentence: string, meant: string | undefined): string[] {
  const [tool = '', path = ''] = rule.trim().split(/\s+/);
  if (meant?.startsWith('/') === true) return [`${tool} ${meant}`];
  const whole = /(?:write|for every tool: write) "([^"]+)"(?: for every tool)?$/.exec(sentence)?.[1];
  if (/is a path without a tool/.test(sentence)) return [`* ${rule.trim().replace(/^(?!\/|\*\*)/, '/')}`];
  if (/takes no path/.test(sentence)) return [tool];
  if (/without scheme and host/.test(sentence))
    return [`${tool} ${path.replace(/^[a-z][a-z0-9+.-]*:\/\/?[^/]*/i, '').replace(/[?#].*$/, '') || '/'}`];
  if (/queries and fragments/.test(sentence)) return [`${tool} ${path.replace(/[?#].*$/, '')}`];
  if (/instead of "\\"/.test(sentence)) return [`${tool} ${path.replaceAll('\\', '/')}`];
  if (/begins with one slash|empty part/.test(sentence)) return [`${tool} ${path.replace(/\/{2,}/g, '/')}`];
  return whole === undefined || /<|\*\*\/sendMail/.test(whole) ? [] : [whole];
}

/** Not the last rule of guards that would restrict nothing without it: they would be gone by a mistake in them. */
export function ruleRemoval(document: McpDocument, server: ServerView, node: Node): Fix[] {
  const guards = nodeAt(server.node.value, ['guards']);
  const isLastDenied = node.parent === memberOf(guards, 'deny') && node.parent?.children?.length === 1;
  if (isLastDenied && memberOf(guards, 'preset') === undefined && memberOf(guards, 'allow') === undefined) return [];
  return [{ title: 'Remove the rule', edits: removeChild(document, node) }];
}
