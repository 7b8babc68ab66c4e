// How each reason for which the agent does not take an entry is repaired, where there is an obvious way.
import { getNodeValue, type Node } from 'jsonc-parser';
import type { EntryProblem } from '../../../shared/mcp-config/entry-problem.ts';
import { freeName } from '../free-name.ts';
import { memberOf } from '../mcp-document.ts';
import { inOneLine, removeChild, replaceNode, replaceText } from './edits.ts';
import { memberAt, nodeAt, type FileView, type ServerView } from './file-view.ts';
import type { Fix } from './finding.ts';
import { guardFixes } from './guard-fixes.ts';
import { nearestName } from './nearest-name.ts';
import { partOfString } from './text-offsets.ts';

type Fixer = (view: FileView, server: ServerView, problem: EntryProblem) => Fix[];

const fixers: Partial<Record<EntryProblem['code'], Fixer>> = {
  'wrong-kind': convert,
  'out-of-range': ({ document }, server, { path }) => removal(document, server, path),
  'unknown-type': fixType,
  'missing-address': fixAddress,
  'unknown-key': renameKey,
  'server-name': fixName,
  'enabled-contradiction': ({ document }, server) => [
    ...removal(document, server, ['disabled']),
    ...removal(document, server, ['enabled']),
  ],
  guards: guardFixes,
  'foreign-variable': fixVariable,
  header: fixHeader,
  'auth-on-stdio': ({ document }, server, { path }) => removal(document, server, path),
  'unknown-profile': fixProfile,
  'authorization-beside-auth': fixAuthorization,
};

export function entryProblemFixes(view: FileView, server: ServerView, problem: EntryProblem): Fix[] {
  return fixers[problem.code]?.(view, server, problem) ?? [];
}

function removal(document: FileView['document'], server: ServerView, path: EntryProblem['path']): Fix[] {
  const member = memberAt(server, path);
  return member === undefined
    ? []
    : [{ title: `Remove "${String(path.at(-1))}"`, edits: removeChild(document, member.property) }];
}

/** `"true"` for true, a text for a number, a list of one. */
function convert({ document }: FileView, server: ServerView, { path, expected }: EntryProblem): Fix[] {
  const node = nodeAt(server.node.value, path);
  if (node === undefined) return [];
  const value: unknown = getNodeValue(node);
  const converted = convertedValue(value, expected, path);
  if (converted === undefined) return path.length > 0 ? removal(document, server, path) : [];
  const { offset, length } = node;
  const text = inOneLine(converted);
  return [
    {
      title: `Write ${text.length > 60 ? 'it so' : text}`,
      edits: [replaceText(document, offset, offset + length, text)],
    },
  ];
}

function convertedValue(value: unknown, expected: EntryProblem['expected'], path: EntryProblem['path']): unknown {
  const isText = typeof value === 'string';
  switch (expected) {
    case 'string': {
      const isListed = ['headers', 'env', 'args'].includes(String(path[0]));
      return isListed && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : undefined;
    }
    case 'boolean':
      return isText && /^(?:true|false)$/i.test(value) ? value.toLowerCase() === 'true' : undefined;
    case 'number':
    case 'int':
      if (isText && /^[1-9]\d{0,6}$/.test(value)) return Number(value);
      return expected === 'int' && typeof value === 'number' && value >= 1 ? Math.round(value) : undefined;
    case 'array':
      return isText ? [value] : undefined;
    default:
      return path[0] === 'auth' && path.length === 1 && isText && value !== '' ? { profile: value } : undefined;
  }
}

const types = ['streamable-http', 'http', 'sse', 'stdio'] as const;

function fixType({ document }: FileView, { node, raw }: ServerView): Fix[] {
  const type = memberOf(node.value, 'type');
  if (type === undefined) return [];
  const near = typeof raw['type'] === 'string' ? nearestName(raw['type'], types) : undefined;
  const fitting = raw['command'] === undefined ? 'streamable-http' : 'stdio';
  return [...new Set([near ?? fitting, fitting])].map((name) => ({
    title: `Change the type to "${name}"`,
    edits: [replaceNode(document, type, name)],
  }));
}

/** How other clients call the url. */
const urlKeys = ['serverUrl', 'httpUrl', 'uri', 'endpoint', 'baseUrl', 'address', 'href'];

function fixAddress({ document }: FileView, { node, raw }: ServerView, { path }: EntryProblem): Fix[] {
  const wanted = String(path[0]);
  const type = memberOf(node.value, 'type');
  const other = wanted === 'url' ? 'command' : 'url';
  const fitting = wanted === 'url' ? 'stdio' : 'streamable-http';
  if (typeof raw[other] === 'string' && raw[other] !== '' && type !== undefined)
    return [{ title: `Change the type to "${fitting}"`, edits: [replaceNode(document, type, fitting)] }];
  const key =
    wanted === 'url' && raw['url'] === undefined ? urlKeys.find((name) => typeof raw[name] === 'string') : undefined;
  const member = key === undefined ? undefined : memberAt({ node }, [key]);
  return member === undefined
    ? []
    : [{ title: `Rename "${key}" to "url"`, edits: [replaceNode(document, member.key, 'url')] }];
}

const limitNames = ['concurrent', 'queued', 'callsPerDay', 'callsPerDayPerCaller'];

function renameKey({ document }: FileView, server: ServerView, { path, meant }: EntryProblem): Fix[] {
  const member = memberAt(server, path);
  if (member === undefined) return [];
  const name = meant ?? nearestName(String(path.at(-1)), limitNames);
  const owner = nodeAt(server.node.value, path.slice(0, -1));
  const rename: Fix[] =
    name === undefined || memberOf(owner, name) !== undefined
      ? []
      : [{ title: `Rename to "${name}"`, edits: [replaceNode(document, member.key, name)] }];
  return [...rename, ...removal(document, server, path)];
}

function fixName({ document, servers }: FileView, { node, name }: ServerView): Fix[] {
  const clean = name
    .replace(/[^\w .:@/-]+/g, '-')
    .replace(/^[^\w]+/, '')
    .slice(0, 60)
    .replace(/[-\s]+$/, '');
  const wanted = clean === '' || clean === '__proto__' ? 'server' : clean;
  const taken = new Set(servers.map((server) => server.name));
  const free = freeName(wanted, taken);
  return [{ title: `Rename to "${free}"`, edits: [replaceNode(document, node.key, free)] }];
}

function fixVariable({ document }: FileView, server: ServerView, { path, span, meant }: EntryProblem): Fix[] {
  const node = nodeAt(server.node.value, path);
  if (node?.type !== 'string' || span === undefined) return [];
  const written = String(node.value).slice(span.start, span.end);
  const name = meant ?? variableOf(written);
  const { from, to } = partOfString(document.text.getText(), node, span.start, span.end);
  return [
    {
      title: `Write \${${name}}; set ${name} in the agent's environment`,
      edits: [replaceText(document, from, to, `\${${name}}`)],
    },
  ];
}

/** `${input:api-key}` becomes `API_KEY`. */
function variableOf(written: string): string {
  const name = (/:([^{}]*)\}$/.exec(written)?.[1] ?? '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase()
    .slice(0, 60);
  return /^[A-Z]/.test(name) ? name : 'NAME';
}

function fixHeader({ document }: FileView, server: ServerView, { path, isKey }: EntryProblem): Fix[] {
  const member = memberAt(server, path);
  if (member === undefined) return [];
  const fixes = removal(document, server, path);
  if (isKey === true || member.value === undefined) return fixes;
  const clean = String(member.value.value)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return [{ title: 'Remove the control characters', edits: [replaceNode(document, member.value, clean)] }, ...fixes];
}

function fixProfile({ document, context }: FileView, server: ServerView, { path }: EntryProblem): Fix[] {
  const node = nodeAt(server.node.value, path);
  if (node === undefined) return [];
  const names = context.agent?.profiles?.map(({ name }) => name) ?? [];
  const near = nearestName(String(node.value), names);
  const ordered = near === undefined ? names : [near, ...names.filter((name) => name !== near)];
  return ordered
    .slice(0, 5)
    .map((name) => ({ title: `Use the profile "${name}"`, edits: [replaceNode(document, node, name)] }));
}

function fixAuthorization({ document }: FileView, server: ServerView, { path }: EntryProblem): Fix[] {
  const header = memberAt(server, path)?.property;
  const headers = memberAt(server, ['headers'])?.property;
  const isOnly = header?.parent?.children?.length === 1;
  const property: Node | undefined = isOnly ? headers : header;
  if (property === undefined) return [];
  return [
    { title: 'Remove the header; the agent puts its own token there', edits: removeChild(document, property) },
    ...removal(document, server, ['auth']),
  ];
}
