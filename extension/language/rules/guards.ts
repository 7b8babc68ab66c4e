// Guards that can be read and still do nothing: rules that never match, and guards that let everything through.
import type { Node } from 'jsonc-parser';
import { isRecord } from '../../../shared/is-record.ts';
import { matchesWildcards } from '../../../shared/matches-wildcards.ts';
import { allowsTool, deniesTool, parseRule, type GuardRule } from '../../../shared/guards/guard-rule.ts';
import { parseGuards, type Guards } from '../../../shared/guards/parse-guards.ts';
import { noSendToolDenial, readOnlyToolDenial } from '../../../shared/guards/preset-check.ts';
import { findPathTool } from '../../../shared/guards/work-iq-tools.ts';
import { isWorkIqAddress } from '../../../shared/mcp-config/work-iq-address.ts';
import { removeChild, replaceNode } from './edits.ts';
import { memberAt, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';
import { ruleRemoval } from './guard-fixes.ts';
import { offeredTools } from './offered-tools.ts';
import { isCovered, isWholeRule } from './rule-cover.ts';
import { textsIn } from './tools.ts';

interface PlacedRule {
  rule: GuardRule;
  node: Node;
}

export function* findGuards(view: FileView): Generator<Finding> {
  for (const server of view.servers) {
    const { entry, isShadowed } = server;
    if (isShadowed || entry?.guards === undefined) continue;
    const parsed = parseGuards(entry.guards);
    if (!parsed.ok) continue;
    yield* findLetThrough(view, server, parsed.guards);
    yield* findNeverMatching(view, server, parsed.guards);
  }
}

function placedRules(server: ServerView, list: 'allow' | 'deny'): PlacedRule[] {
  return textsIn(nodeAt(server.node.value, ['guards', list])).flatMap((node) => {
    const parsed = parseRule(node.value);
    return parsed.ok ? [{ rule: parsed.rule, node }] : [];
  });
}

function* findLetThrough(
  { document }: FileView,
  server: ServerView,
  { preset, allow, deny }: Guards,
): Generator<Finding> {
  const guards = memberAt(server, ['guards']);
  if (guards?.value === undefined) return;
  const { value, property } = guards;
  if (preset === 'full' && allow === undefined && deny.length === 0)
    yield {
      code: 'mcp/guards-let-all-through',
      ...spanOf(value),
      message: 'The preset "full" without rules lets every call through.',
      severity: 'information',
      fixes: () => [
        { title: 'Write "read-only"', edits: [replaceNode(document, value, 'read-only')] },
        { title: 'Remove the guards', edits: removeChild(document, property) },
      ],
    };
  if (allow === undefined) return;
  const placed = placedRules(server, 'allow');
  for (const { rule, node } of placed) {
    if (/^\*+$/.test(rule.tool) && rule.path === undefined)
      yield {
        code: 'mcp/guards-let-all-through',
        ...spanOf(node),
        message: `"${rule.text}" allows every call, but for those that cannot be judged: "allow" restricts next to nothing.`,
        fixes: () => [
          placed.length === 1
            ? removalOf(document, server, 'allow')
            : { title: 'Remove the rule', edits: removeChild(document, node) },
        ],
      };
  }
}

/** Without the rest of it, guards would be an object that restricts nothing, which is an error. */
function removalOf(document: FileView['document'], server: ServerView, list: string) {
  const isOnly = nodeAt(server.node.value, ['guards'])?.children?.length === 1;
  const member = memberAt(server, isOnly ? ['guards'] : ['guards', list]);
  return {
    title: isOnly ? 'Remove the guards' : `Remove "${list}"`,
    edits: member === undefined ? [] : removeChild(document, member.property),
  };
}

function* findNeverMatching(view: FileView, server: ServerView, guards: Guards): Generator<Finding> {
  const [allowed, denied] = [placedRules(server, 'allow'), placedRules(server, 'deny')];
  for (const { rule, node } of allowed) {
    const why = neverAllows(server, guards, rule) ?? deniedBy(rule, denied) ?? alreadyAllowed(rule, allowed);
    if (why !== undefined) yield neverMatches(view, server, node, `"${rule.text}" ${why}`);
  }
  for (const { rule, node } of denied) {
    const why = takesNoPaths(server, rule) ?? alreadyDenied(rule, denied);
    if (why !== undefined) yield neverMatches(view, server, node, `"${rule.text}" ${why}`);
  }
}

function neverMatches({ document }: FileView, server: ServerView, node: Node, message: string): Finding {
  return {
    code: 'mcp/guards-never-match',
    ...spanOf(node),
    message: message.slice(0, 400),
    fixes: () => ruleRemoval(document, server, node),
  };
}

/** Why calls that fit a rule of "allow" are denied before or after all, as far as the server's tools are known. */
function neverAllows(server: ServerView, { preset }: Guards, rule: GuardRule): string | undefined {
  const { entry } = server;
  if (entry === undefined) return undefined;
  const offered = offeredTools(server);
  const fitting = offered?.names.filter((name) => allowsTool(rule, name)) ?? [];
  const isSingle = !rule.tool.includes('*');
  const names = fitting.length > 0 ? fitting : isSingle ? [rule.tool] : [];
  if (names.length === 0) return undefined;
  const isFiltered = (name: string): boolean =>
    entry.deniedTools?.some((pattern) => matchesWildcards(pattern, name)) === true ||
    (entry.allowedTools !== undefined && !entry.allowedTools.some((pattern) => matchesWildcards(pattern, name)));
  if (names.every(isFiltered)) return 'can never match, because allowedTools and deniedTools leave none of its tools.';
  const tools = offered?.tools.filter(({ name }) => fitting.includes(name)) ?? [];
  const isWorkIq = entry.type !== 'stdio' && isWorkIqAddress(entry.url);
  const denial = preset === 'read-only' ? readOnlyToolDenial : preset === 'no-send' ? noSendToolDenial : undefined;
  if (
    denial !== undefined &&
    tools.length > 0 &&
    tools.length === fitting.length &&
    tools.every(({ name, sideEffects }) => denial({ tool: name, sideEffects, isWorkIq }) !== undefined)
  )
    return `can never match, because the preset "${preset}" lets none of its tools pass.`;
  return takesNoPaths(server, rule);
}

/** A rule about paths needs one in the arguments. */
function takesNoPaths(server: ServerView, rule: GuardRule): string | undefined {
  if (rule.path === undefined) return undefined;
  const offered = offeredTools(server);
  const tools = offered?.tools.filter(({ name }) => allowsTool(rule, name) || deniesTool(rule, name)) ?? [];
  if (
    tools.length === 0 ||
    offered?.names.some((name) => deniesTool(rule, name) && !tools.some((tool) => tool.name === name)) === true
  )
    return undefined;
  return tools.every(({ name, inputSchema }) => findPathTool(name) === undefined && !mayHoldPath(inputSchema))
    ? 'is about a path, and no argument of its tools is one: it can never match.'
    : undefined;
}

/** By its name, or since nothing is said of what may be in it. */
function mayHoldPath(schema: unknown, depth = 0): boolean {
  if (depth > 6 || !isRecord(schema)) return true;
  const { type, properties, items, additionalProperties, anyOf, oneOf, allOf, $ref } = schema;
  if (depth > 0 && ['number', 'integer', 'boolean', 'null'].includes(String(type))) return false;
  // A text could be JSON with paths in it.
  if (depth > 0 && type === 'string') return false;
  if (type === 'array') return items === undefined || mayHoldPath(items, depth + 1);
  if ([anyOf, oneOf, allOf, $ref].some((part) => part !== undefined) || type !== 'object') return true;
  if (additionalProperties !== undefined && additionalProperties !== false) return true;
  return Object.entries(properties ?? {}).some(
    ([name, member]) =>
      /(?:urls?|uris?|paths?|hrefs?|links?|json|body|query|request|payload)$/i.test(name.replace(/[^a-z]/gi, '')) ||
      mayHoldPath(member, depth + 1),
  );
}

function deniedBy(rule: GuardRule, denied: readonly PlacedRule[]): string | undefined {
  const stronger = denied.find((one) => isCovered(rule.deniable, one.rule.deniable));
  return stronger === undefined ? undefined : `can never match, because deny "${stronger.rule.text}" wins.`;
}

/** `fetch` beside `fetch /me/**`: whoever wrote the second one thinks that it restricts. */
function alreadyAllowed(rule: GuardRule, allowed: readonly PlacedRule[]): string | undefined {
  const wider = allowed.find((one) => one.rule !== rule && isCovered(rule, one.rule) && !isCovered(one.rule, rule));
  if (wider === undefined) return undefined;
  const anyPath = isWholeRule(wider.rule) && rule.path !== undefined ? ', whatever its path is' : '';
  return `restricts nothing, because "${wider.rule.text}" allows the same and more${anyPath}.`;
}

function alreadyDenied(rule: GuardRule, denied: readonly PlacedRule[]): string | undefined {
  const wider = denied.find(
    (one) =>
      one.rule !== rule &&
      deniesForSiblings(rule, one.rule) &&
      isCovered(rule.deniable, one.rule.deniable) &&
      !isCovered(one.rule.deniable, rule.deniable),
  );
  return wider === undefined ? undefined : `adds nothing, because "${wider.rule.text}" denies the same and more.`;
}

/** A rule with a path also holds for the tools that send the same request (docs/guards.md); a wider one must do so, too. */
function deniesForSiblings(rule: GuardRule, wider: GuardRule): boolean {
  return isWholeRule(rule) || !isWholeRule(wider);
}
