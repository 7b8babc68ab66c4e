// Whether guards deny a tool whatever it is called with: such a tool is not offered in the first place.
import type { GuardDenial } from './check-call.ts';
import { allowsTool, deniesTool } from './guard-rule.ts';
import { restrict, type Guards } from './parse-guards.ts';
import { isAnyPath } from './path-pattern.ts';
import { noSendToolDenial, readOnlyToolDenial, type GuardedTool } from './preset-check.ts';
import { findPathTool, isRecipeTool } from './work-iq-tools.ts';

/** Undefined when at least some calls of the tool may pass, as far as can be told without their arguments. */
export function deniesWholeTool(tool: GuardedTool, guards: readonly Guards[]): GuardDenial | undefined {
  for (const [index, one] of guards.entries()) {
    if (!restrict([one])) continue;
    const denial = denialOf(tool, one);
    if (denial !== undefined) return { ...denial, index };
  }
  return undefined;
}

function denialOf(tool: GuardedTool, { preset, allow, deny }: Guards): Omit<GuardDenial, 'index'> | undefined {
  const ofPreset =
    preset === 'full' ? undefined : (preset === 'read-only' ? readOnlyToolDenial : noSendToolDenial)(tool);
  if (ofPreset !== undefined) return { guard: preset, reason: `the preset "${preset}" denies it: ${ofPreset}` };
  if (isRecipeTool(tool.tool))
    return { guard: deny[0]?.text ?? preset, reason: 'it takes a recipe, whose requests are not known beforehand' };
  const isPathTool = findPathTool(tool.tool) !== undefined;
  const denying = deny.find(
    (rule) => (rule.path === undefined || (isPathTool && isAnyPath(rule.path))) && deniesTool(rule, tool.tool),
  );
  if (denying !== undefined) return { guard: denying.text, reason: `the rule "${denying.text}" denies it` };
  return allow === undefined || allow.some((rule) => allowsTool(rule, tool.tool))
    ? undefined
    : { guard: 'allow', reason: 'no rule of "allow" names it' };
}
