// mcp.json as it may leave the agent: what could be a credential is replaced, in values and in comments. It would rather mask too
// much than too little; what is an error in the file is decided elsewhere.
import { parseTree, visit, type Node } from 'jsonc-parser';
import { maskedCredential } from '../../shared/contract/manage-messages.ts';
import {
  holdsLiteral,
  isCredentialHeader,
  isCredentialName,
  isCredentialParameter,
  isIdName,
  isOpaque,
  looksLikeCredential,
} from '../../shared/mcp-config/credential-forms.ts';
import { withoutPlaceholders } from '../../shared/mcp-config/expand-variables.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';

interface Span {
  offset: number;
  length: number;
  replacement: string;
}

/** Undefined for a text in which values cannot be told from each other: then nothing of it may leave. */
export function maskText(
  text: string,
  { profiles }: { profiles: readonly string[] },
): { text: string; masked: boolean } | undefined {
  // A byte order mark is no white space to the parser.
  const body = text.replace(/^\ufeff/, ' ');
  const config = parsed(body, profiles);
  if (config?.ok !== true) return undefined;
  const root = parseTree(body, [], { allowTrailingComma: true });
  const found = config.servers
    .filter(({ problems }) => problems.some((problem) => /credential|password/i.test(problem)))
    .map(({ name }) => name);
  // Another name would be another file.
  if (root === undefined || keysOf(root).some((key) => looksLikeCredential(key) || isOpaque(key))) return undefined;
  const leaves = [...leavesOf(root)];
  const spans: Span[] = leaves.flatMap((leaf) => (isCredential(leaf) ? [masking(leaf.node)] : []));
  const isMasked = new Set(spans.map(({ offset }) => offset));
  // What the rules of the file find and this did not: all texts of that server.
  for (const name of found) {
    const own = leaves.filter(({ path }) => path[1] === name);
    if (!own.some(({ node }) => isMasked.has(node.offset))) spans.push(...own.map(({ node }) => masking(node)));
  }
  spans.push(...commentSpans(body));
  let masked = text;
  for (const { offset, length, replacement } of spans.toSorted((one, other) => other.offset - one.offset))
    masked = masked.slice(0, offset) + replacement + masked.slice(offset + length);
  return { text: masked, masked: masked !== text };
}

/** Undefined for one that is nested deeper than a parser goes. */
function parsed(text: string, profiles: readonly string[]): ReturnType<typeof parseMcpConfig> | undefined {
  try {
    return parseMcpConfig(text, { profiles });
  } catch {
    return undefined;
  }
}

interface Leaf {
  node: Node;
  /** Keys and indices from the top. */
  path: readonly string[];
  /** The text before it in a list. */
  previous: string;
}

function keysOf(node: Node): string[] {
  const [key] = node.type === 'property' ? (node.children ?? []) : [];
  return [...(key === undefined ? [] : [String(key.value)]), ...(node.children ?? []).flatMap(keysOf)];
}

function* leavesOf(node: Node, path: readonly string[] = [], previous = ''): Generator<Leaf> {
  if (node.type === 'string' || node.type === 'number') yield { node, path, previous };
  else if (node.type === 'property') {
    const [key, value] = node.children ?? [];
    if (value !== undefined) yield* leavesOf(value, [...path, String(key?.value)]);
  } else if (node.type === 'array') {
    for (const [index, item] of (node.children ?? []).entries()) {
      const before: unknown = node.children?.[index - 1]?.value;
      yield* leavesOf(item, [...path, String(index)], typeof before === 'string' ? before : '');
    }
  } else for (const child of node.children ?? []) yield* leavesOf(child, path);
}

function isCredential({ node, path, previous }: Leaf): boolean {
  const value = String(node.value);
  const name = path.findLast((key) => !/^\d+$/.test(key)) ?? '';
  if (looksLikeCredential(value) || holdsOpaqueWord(value, name)) return true;
  const isNamed = isCredentialName(name) || (path.includes('headers') && isCredentialHeader(name));
  if (isNamed && name !== 'auth' && holdsLiteral(value)) return true;
  if (holdsUser(value) || holdsAssignment(value)) return true;
  const [, flag = ''] = /^--?([A-Za-z][\w-]*)$/.exec(previous) ?? [];
  if (/^(?:u|user|proxy-user)$/.test(flag)) return /^[^:]+:(?!\/\/)./.test(value) && holdsLiteral(value);
  return isCredentialName(flag) && holdsLiteral(value);
}

function holdsOpaqueWord(text: string, name: string): boolean {
  const words = text.split(/[\s"'`&?=#:,;/@()<>[\]{}]+/);
  return words.some(isOpaque) && !(isOpaque(text) && isIdName(name));
}

/** `https://user:password@host`, also of a user alone. */
function holdsUser(text: string): boolean {
  const [, user = ''] = /[a-z][a-z0-9+.-]{0,30}:\/\/([^/?#\s@]{1,500})@/i.exec(text) ?? [];
  return withoutPlaceholders(user).replace(':', '') !== '';
}

const assignment = /([A-Za-z_][\w.-]{0,80})["']?\s{0,9}[:=]\s{0,9}["']?([^\s"'&#,;]{1,2000})/g;

/** `--token=…`, `X-Api-Key: …`, `?sig=…` */
function holdsAssignment(text: string): boolean {
  return [...text.matchAll(assignment)].some(
    ([, name = '', value = '']) =>
      (isCredentialName(name) || isCredentialParameter(name) || (name !== 'key' && isCredentialHeader(name))) &&
      holdsLiteral(value),
  );
}

function masking({ offset, length }: Node): Span {
  return { offset, length, replacement: JSON.stringify(maskedCredential) };
}

/** Somebody comments out a line and leaves the token in it. */
function commentSpans(text: string): Span[] {
  const spans: Span[] = [];
  visit(text, {
    onComment: (offset, length) => {
      const comment = text.slice(offset, offset + length);
      const isHarmless =
        !looksLikeCredential(comment) &&
        !holdsOpaqueWord(comment, '') &&
        !holdsUser(comment) &&
        !holdsAssignment(comment);
      if (isHarmless) return;
      const replacement = comment.startsWith('/*') ? `/* ${maskedCredential} */` : `// ${maskedCredential}`;
      spans.push({ offset, length, replacement });
    },
  });
  return spans;
}
