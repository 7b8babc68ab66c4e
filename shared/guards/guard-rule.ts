// One rule of guards, `<tool> [<path>]`, as text and as what it is compared with.
import { matchesWildcards } from '../matches-wildcards.ts';
import type { GuardProblem } from './guard-problem.ts';
import { matchesPath, parsePathPattern, type PathPattern } from './path-pattern.ts';
import { skeleton } from './segment-text.ts';
import { takesNoPath } from './work-iq-tools.ts';

export interface GuardRule {
  /** As the operator wrote it, with single spaces. */
  text: string;
  tool: string;
  /** In small letters; undefined for a rule about the tool alone. */
  path: PathPattern | undefined;
  /** The same in the spelling of `skeleton`. */
  deniable: { tool: string; path: PathPattern | undefined };
}

export type ParsedRule = { ok: true; rule: GuardRule } | { ok: false; problem: Pick<GuardProblem, 'text' | 'meant'> };

const maxLength = 500;
const example = 'write "<tool>" or "<tool> <path>", such as "do_action **/sendMail"';

export function parseRule(raw: unknown): ParsedRule {
  if (typeof raw !== 'string') return problem(`must be a text: ${example}`);
  if (raw.length > maxLength) return problem(`is longer than ${maxLength} characters`);
  if (/[^\P{C}\t\n]/u.test(raw)) return problem('holds invisible characters: type it anew');
  const [tool, pathText, ...more] = raw.trim().split(/\s+/);
  if (tool === undefined || tool === '') return problem(`is empty: ${example}`);
  const name = `"${[tool, pathText, ...more]
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, 100)}"`;
  if (more.length > 0) return problem(`${name} has too many parts: ${example}; write * for a space in a path`);
  if (pathText === undefined && /[/\\]/.test(tool))
    return problem(`${name} is a path without a tool: write "* ${tool.slice(0, 60)}" for every tool`, anyTool(tool));
  if (/[/\\]/.test(tool)) return problem(`${name} has a "/" in the name of the tool: ${example}`);
  if (pathText === undefined) return { ok: true, rule: createRule(tool, undefined) };
  if (takesNoPath(tool))
    return problem(`${name} can never match, because ${tool} takes no path: write "${tool}"`, tool);
  const parsed = parsePathPattern(pathText);
  if (parsed.ok) return { ok: true, rule: createRule(tool, parsed.pattern, pathText) };
  const { text, meant } = parsed.problem;
  return problem(`${name}: ${text}`, meant === undefined ? undefined : `${tool} ${meant}`);
}

function anyTool(path: string): string {
  return `* ${path.replace(/^(?!\/|\*\*)/, '/')}`;
}

/** `likely` may have a problem of its own: then what that means, if anything, is meant. */
function problem(text: string, likely?: string): ParsedRule {
  const next = likely === undefined ? undefined : parseRule(likely);
  const meant = next?.ok === false ? next.problem.meant : likely;
  return { ok: false, problem: meant === undefined ? { text } : { text, meant } };
}

/** A rule about a tool alone, whose name may hold anything. */
export function toolRule(tool: string): GuardRule {
  return createRule(tool, undefined);
}

function createRule(tool: string, path: PathPattern | undefined, pathText = ''): GuardRule {
  return {
    text: `${tool} ${pathText}`.trim(),
    tool,
    path,
    deniable: { tool: skeleton(tool), path: path?.map(skeleton) },
  };
}

/** Allowing: exactly this name. */
export function allowsTool(rule: GuardRule, tool: string): boolean {
  return matchesWildcards(rule.tool, tool);
}

/** Denying: this name in any case. */
export function deniesTool(rule: GuardRule, tool: string): boolean {
  return matchesWildcards(rule.deniable.tool, skeleton(tool).trim());
}

/** Allowing: one reading of a path; a rule without a path allows any. */
export function allowsReading(rule: GuardRule, reading: readonly string[]): boolean {
  return rule.path === undefined || matchesPath(rule.path, reading);
}

/** Denying: any of the readings, in the spelling of `skeleton`. */
export function deniesReading(rule: GuardRule, readings: readonly (readonly string[])[]): boolean {
  const { path } = rule.deniable;
  return path === undefined || readings.some((reading) => matchesPath(path, reading));
}
