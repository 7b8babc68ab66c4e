// Whether guards let a call pass. Fails closed: what cannot be judged is denied.
import { findCallPaths, type CallPath, type CallPaths } from './call-paths.ts';
import { allowsReading, allowsTool, deniesReading, deniesTool, type GuardRule } from './guard-rule.ts';
import { restrict, type Guards } from './parse-guards.ts';
import { isAnyPath } from './path-pattern.ts';
import { noSendDenial, readOnlyDenial, type GuardedCall } from './preset-check.ts';
import { shownPath, shownText } from './shown-path.ts';
import { findPathTool, isMethod, toolsWithMethod } from './work-iq-tools.ts';

export interface GuardDenial {
  /** Name of the preset, text of the denying rule, or `allow`. */
  guard: string;
  /** In plain words, to stand after "because" or a colon; it may name paths of the arguments. */
  reason: string;
  /** Which of the guards denied it. */
  index: number;
}

/** Undefined when all guards let the call pass. Costs nothing where no guards restrict anything. Never throws. */
export function checkCall(call: GuardedCall, guards: readonly Guards[]): GuardDenial | undefined {
  if (!restrict(guards)) return undefined;
  let found: CallPaths | undefined;
  const paths = (): CallPaths => (found ??= findCallPaths(call.tool, call.arguments));
  for (const [index, one] of guards.entries()) {
    if (!restrict([one])) continue;
    try {
      const denial = checkOne(call, one, paths);
      if (denial !== undefined) return { ...denial, index };
    } catch {
      return { guard: one.preset, reason: 'the call could not be judged', index };
    }
  }
  return undefined;
}

type Denial = Omit<GuardDenial, 'index'> | undefined;

function checkOne(call: GuardedCall, guards: Guards, paths: () => CallPaths): Denial {
  const { tool } = call;
  const { preset, allow, deny } = guards;
  const doubt = isAboutPaths(tool, guards) ? paths().doubt : undefined;
  if (doubt !== undefined) return { guard: nameOf(guards), reason: `"${shownText(tool)}" cannot be judged: ${doubt}` };
  const found = (): readonly CallPath[] => paths().paths;
  if (preset !== 'full') {
    const reason = (preset === 'read-only' ? readOnlyDenial : noSendDenial)(call, found);
    if (reason !== undefined) return { guard: preset, reason: `the preset "${preset}" denies it: ${reason}` };
  }
  for (const rule of deny) {
    const reason = ruleDenial(tool, rule, found);
    if (reason !== undefined) return { guard: rule.text, reason: `the rule "${rule.text}" denies ${reason}` };
  }
  return allow === undefined ? undefined : allowDenial(tool, allow, found);
}

/** Whether the guards have to know which requests the call makes. */
function isAboutPaths(tool: string, { allow = [], deny }: Guards): boolean {
  if (findPathTool(tool) !== undefined) return true;
  const hasPath = ({ path }: GuardRule): boolean => path !== undefined;
  return (
    allow.some((rule) => hasPath(rule) && allowsTool(rule, tool)) ||
    deny.some((rule) => hasPath(rule) && deniesTool(rule, tool))
  );
}

function nameOf({ preset, allow, deny: [rule] }: Guards): string {
  return preset === 'full' && allow === undefined ? (rule?.text ?? preset) : preset === 'full' ? 'allow' : preset;
}

/** What a denying rule says about the call, if it denies it. */
function ruleDenial(tool: string, rule: GuardRule, paths: () => readonly CallPath[]): string | undefined {
  const isMeant = deniesTool(rule, tool);
  if (rule.path === undefined && isMeant) return `"${shownText(tool)}"`;
  const isPathTool = findPathTool(tool) !== undefined;
  if (!isMeant && !isPathTool) return undefined;
  const found = paths();
  for (const one of found) {
    // A rule about a tool alone holds for the requests of a batch, too.
    if (rule.path === undefined && one.methods === undefined) continue;
    if (!namesOf(tool, one, rule).some((name) => deniesTool(rule, name))) continue;
    if (!one.path.clear) return `what may match it: the path in ${one.where} is not clear, because ${one.path.why}`;
    if (deniesReading(rule, one.path.deniable)) return `${shownPath(one.path)} (${one.where})`;
  }
  return isMeant && isPathTool && found.length === 0
    ? 'what may match it: no path was found in the arguments'
    : undefined;
}

/** The tools that could send what stands at a path of the call: denying one of them denies all. */
function namesOf(tool: string, { methods }: CallPath, rule: GuardRule): readonly string[] {
  const own = alternatives(tool, rule);
  if (methods === undefined || findPathTool(tool) === undefined) return own;
  return [...own, ...methods.flatMap((method) => (isMethod(method) ? toolsWithMethod(method) : allPathTools))];
}

const allPathTools = (['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const).flatMap(toolsWithMethod);

/** `create_entity` and `do_action` send the same request; that matters only to rules that name something of the path. */
function alternatives(tool: string, { path }: GuardRule): readonly string[] {
  const method = findPathTool(tool)?.method;
  return method === undefined || path === undefined || isAnyPath(path) ? [tool] : [tool, ...toolsWithMethod(method)];
}

function allowDenial(tool: string, allow: readonly GuardRule[], paths: () => readonly CallPath[]): Denial {
  const own = allow.filter((rule) => allowsTool(rule, tool));
  const deny = (reason: string): Denial => ({ guard: 'allow', reason });
  if (own.length === 0) return deny(`no rule of "allow" names "${shownText(tool)}"`);
  const isFree = own.some(({ path }) => path === undefined);
  if (isFree && findPathTool(tool) === undefined) return undefined;
  const found = paths();
  for (const one of found) {
    const reason = pathDenial(tool, one, allow, own);
    if (reason !== undefined) return deny(`no rule of "allow" covers ${reason}`);
  }
  return isFree || found.length > 0
    ? undefined
    : deny(`the rules of "allow" for "${shownText(tool)}" name paths, and none was found in its arguments`);
}

function pathDenial(
  tool: string,
  { where, path, methods }: CallPath,
  allow: readonly GuardRule[],
  own: readonly GuardRule[],
): string | undefined {
  // A request of a batch must be allowed as a call of its own.
  const isRequest = methods !== undefined && findPathTool(tool) !== undefined;
  const ruleSets = isRequest ? methods.map((method) => rulesFor(method, allow)) : [own];
  for (const rules of ruleSets) {
    if (rules.some((rule) => rule.path === undefined)) continue;
    if (!path.clear) return `the path in ${where}, which is not clear: ${path.why}`;
    if (!path.readings.every((reading) => rules.some((rule) => allowsReading(rule, reading))))
      return `${isRequest ? `${shownText(methods.join(', '))} ` : ''}${shownPath(path)} (${where})`;
  }
  return undefined;
}

function rulesFor(method: string, allow: readonly GuardRule[]): readonly GuardRule[] {
  if (!isMethod(method)) return [];
  const tools = toolsWithMethod(method);
  return allow.filter((rule) => tools.some((tool) => allowsTool(rule, tool)));
}
