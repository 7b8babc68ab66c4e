// Variables that the agent does not have, and text that looks like a variable where or how it is not filled in.
import type { Node } from 'jsonc-parser';
import { variablePattern } from '../../../shared/mcp-config/expand-variables.ts';
import { tenantVariable } from '../../../shared/mcp-config/tenant-variable.ts';
import { membersOf } from '../mcp-document.ts';
import { expandedKeys, variableUses } from '../variables.ts';
import { replaceText } from './edits.ts';
import { nodeAt, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';
import { nearestName } from './nearest-name.ts';
import { partOfString } from './text-offsets.ts';

export function* findVariables(view: FileView): Generator<Finding> {
  yield* findUnset(view);
  for (const server of view.servers) if (!server.isShadowed) yield* findUnexpanded(view, server);
}

function* findUnset({ document, context }: FileView): Generator<Finding> {
  const environment = context.agent?.environment;
  if (environment === undefined) return;
  const known = new Set([...environment, tenantVariable]);
  for (const { name, from, to } of variableUses(document)) {
    if (known.has(name)) continue;
    const near = nearestName(name, known);
    yield {
      code: 'mcp/unset-variable',
      from,
      to,
      message: `The agent's environment does not set ${name}, so that the server stays unavailable${near === undefined ? '.' : `: did you mean ${near}?`}`,
      fixes: () =>
        near === undefined
          ? []
          : [{ title: `Write \${${near}}`, edits: [replaceText(document, from, to, `\${${near}}`)] }],
    };
  }
}

/** `${NAME:-default}`, and a whole value of `$NAME` or `%NAME%`. */
const otherSpelling =
  /\$\{([A-Za-z_]\w{0,80}):?[-?+=][^{}]{0,200}\}|^\$([A-Z_][A-Z0-9_]{2,80})$|^%([A-Z_][A-Z0-9_]{2,80})%$/g;

function* findUnexpanded({ document }: FileView, server: ServerView): Generator<Finding> {
  const text = document.text.getText();
  const isPlaceholder = (path: string): boolean => server.credentials.some((one) => one.path.join('.') === path);
  for (const key of expandedKeys) {
    for (const { node, path } of textsOf(nodeAt(server.node.value, [key]), key)) {
      if (!/[$%]/.test(String(node.value))) continue;
      for (const match of String(node.value).matchAll(otherSpelling)) {
        if (isPlaceholder(path)) continue;
        const name = match[1] ?? match[2] ?? match[3] ?? '';
        const span = partOfString(text, node, match.index, match.index + match[0].length);
        yield {
          code: 'mcp/unexpanded-variable',
          ...span,
          message: `This is passed on as it stands. Variables of the agent are written \${${name}}, without a default.`,
          fixes: () => [
            { title: `Write \${${name}}`, edits: [replaceText(document, span.from, span.to, `\${${name}}`)] },
          ],
        };
      }
    }
  }
  for (const key of ['command', 'allowedTools', 'deniedTools', 'auth']) {
    for (const { node } of textsOf(nodeAt(server.node.value, [key]), key)) {
      for (const match of String(node.value).matchAll(variablePattern))
        yield {
          code: 'mcp/unexpanded-variable',
          ...partOfString(text, node, match.index, match.index + match[0].length),
          message: `Variables are filled in in url, headers, args and env only; here it is taken as it stands.`,
        };
    }
  }
}

function textsOf(node: Node | undefined, path: string): { node: Node; path: string }[] {
  if (node === undefined) return [];
  if (node.type === 'string') return [{ node, path }];
  if (node.type === 'array')
    return (node.children ?? []).flatMap((child, index) =>
      child.type === 'string' ? [{ node: child, path: `${path}.${index}` }] : [],
    );
  return membersOf(node).flatMap(({ key, value }) =>
    value?.type === 'string' ? [{ node: value, path: `${path}.${String(key.value)}` }] : [],
  );
}
