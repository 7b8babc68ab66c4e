// How guards that cannot be read are repaired: the problems say what was meant.
import type { Node } from 'jsonc-parser';
import { presets } from '../../../shared/guards/preset.ts';
import type { EntryProblem } from '../../../shared/mcp-config/entry-problem.ts';
import { memberOf, type McpDocument } from '../mcp-document.ts';
import { removeChild, replaceNode } from './edits.ts';
import { memberAt, nodeAt, type FileView, type ServerView } from './file-view.ts';
import type { Fix } from './finding.ts';

export function guardFixes({ document }: FileView, server: ServerView, { path, isKey, meant }: EntryProblem): Fix[] {
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
  const write = (text: string): Fix => ({ title: `Write "${text}"`, edits: [replaceNode(document, node, text)] });
  const isPreset = path.length <= 1 || path[1] === 'preset';
  if (isPreset) return (meant === undefined ? presets : [meant]).map(write);
  if (path.length === 2)
    return typeof node.value === 'string'
      ? [{ title: 'Write a list', edits: [replaceNode(document, node, [node.value])] }]
      : [];
  return [...(meant === undefined ? [] : [write(meant)]), ...ruleRemoval(document, server, node)];
}

/** Not the last rule of guards that would restrict nothing without it: they would be gone by a mistake in them. */
export function ruleRemoval(document: McpDocument, server: ServerView, node: Node): Fix[] {
  const guards = nodeAt(server.node.value, ['guards']);
  const isLastDenied = node.parent === memberOf(guards, 'deny') && node.parent?.children?.length === 1;
  if (isLastDenied && memberOf(guards, 'preset') === undefined && memberOf(guards, 'allow') === undefined) return [];
  return [{ title: 'Remove the rule', edits: removeChild(document, node) }];
}
