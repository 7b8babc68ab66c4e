// mcp.json as it may leave the agent: what could be a credential is replaced, in values and in comments. It would rather mask too
// much than too little; what is an error in the file is decided by the rules of shared/mcp-config, whose findings are among it.
import { findNodeAtLocation, parseTree, visit, type Node } from 'jsonc-parser';
import { maskedCredential } from '../../shared/contract/manage-messages.ts';
import { isRecord } from '../../shared/is-record.ts';
import {
  holdsLiteral,
  isCredentialHeader,
  isCredentialName,
  isCredentialParameter,
  isHarmlessValue,
  isIdName,
  isOpaque,
  looksLikeCredential,
} from '../../shared/mcp-config/credential-forms.ts';
import { findCredentials } from '../../shared/mcp-config/credential-rules.ts';
import { findForms } from '../../shared/mcp-config/credential-text.ts';
import { withoutPlaceholders } from '../../shared/mcp-config/expand-variables.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { isPlaceholder } from '../../shared/mcp-config/placeholder.ts';
import { entriesOf } from './file-entries.ts';
import { splicedText, type Splice } from './spliced-text.ts';

/** Undefined for a text in which values cannot be told from each other: then nothing of it may leave. */
export function maskText(
  text: string,
  { profiles }: { profiles: readonly string[] },
): { text: string; masked: boolean } | undefined {
  // A byte order mark is no white space to the parser.
  const body = text.replace(/^\ufeff/, ' ');
  const root = parsed(body, profiles);
  // Another name would be another file.
  if (root === undefined || keysOf(root).some((key) => looksLikeCredential(key) || isOpaque(key))) return undefined;
  const nodes = new Set<Node>();
  for (const leaf of leavesOf(root)) if (isCredential(leaf)) nodes.add(leaf.node);
  for (const node of nodesOfFindings(root, text)) nodes.add(node);
  const spans = [...[...nodes].map(masking), ...commentSpans(body)];
  const masked = splicedText(text, spans);
  return { text: masked, masked: masked !== text };
}

/** Undefined for what is no mcp.json, or is nested deeper than a parser goes. */
function parsed(text: string, profiles: readonly string[]): Node | undefined {
  try {
    return parseMcpConfig(text, { profiles }).ok ? parseTree(text, [], { allowTrailingComma: true }) : undefined;
  } catch {
    return undefined;
  }
}

/** What the rules of the file find; where that has no place in the text, all texts of that server. */
function* nodesOfFindings(root: Node, text: string): Generator<Node> {
  const { servers, mcpServers } = entriesOf(text);
  for (const [key, entries] of Object.entries({ servers, mcpServers })) {
    for (const [name, entry] of entries) {
      if (!isRecord(entry)) continue;
      for (const finding of findCredentials(entry, name)) {
        if (finding.isPlaceholder) continue;
        const node = findNodeAtLocation(root, [key, name, ...finding.path]);
        const whole = findNodeAtLocation(root, [key, name]);
        if (node?.type === 'string') yield node;
        else if (whole !== undefined) for (const leaf of leavesOf(whole)) yield leaf.node;
      }
    }
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
  if (isNamed && name !== 'auth' && holdsLiteral(value) && !isHarmlessValue(value) && !asksForOne(value)) return true;
  if (holdsUser(value) || holdsAssignment(value)) return true;
  const [, flag = ''] = /^--?([A-Za-z][\w-]*)$/.exec(previous) ?? [];
  if (/^(?:u|user|proxy-user)$/.test(flag)) return /^[^:]+:(?!\/\/)./.test(value) && holdsLiteral(value);
  return isCredentialName(flag) && holdsLiteral(value);
}

/** `YOUR_API_KEY`, `<token>`. Other words that only seem to stand for a credential, as `secret1`, may be one. */
function asksForOne(value: string): boolean {
  return isPlaceholder(value) && /^<[^<>]*>$|(?:^|[^a-z])(?:your|insert|replace|enter)(?:[^a-z]|$)/i.test(value.trim());
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
      holdsLiteral(value) &&
      !isHarmlessValue(value) &&
      !asksForOne(value),
  );
}

function masking({ offset, length }: Node): Splice {
  return { from: offset, to: offset + length, by: JSON.stringify(maskedCredential) };
}

/** Somebody comments out a line and leaves the token in it. */
function commentSpans(text: string): Splice[] {
  const spans: Splice[] = [];
  visit(text, {
    onComment: (offset, length) => {
      const comment = text.slice(offset, offset + length);
      const isHarmless =
        !looksLikeCredential(comment) &&
        findForms(comment).every((form) => form.isPlaceholder) &&
        !holdsOpaqueWord(comment, '') &&
        !holdsUser(comment) &&
        !holdsAssignment(comment);
      if (isHarmless) return;
      const by = comment.startsWith('/*') ? `/* ${maskedCredential} */` : `// ${maskedCredential}`;
      spans.push({ from: offset, to: offset + length, by });
    },
  });
  return spans;
}
