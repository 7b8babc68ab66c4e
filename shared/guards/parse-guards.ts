// The guards of a server, a profile or a patrol, as they are configured: parsed once, with every problem in plain words.
import { editDistance } from '../edit-distance.ts';
import { isRecord } from '../is-record.ts';
import { findContradictions } from './contradictions.ts';
import type { GuardProblem } from './guard-problem.ts';
import { parseRule, type GuardRule } from './guard-rule.ts';
import { readJsonText } from './json-text.ts';
import { isPreset, meantPreset, presets, type Preset } from './preset.ts';
import { shownText } from './shown-path.ts';

export interface Guards {
  preset: Preset;
  /** Undefined when anything is allowed that the preset lets pass. */
  allow: readonly GuardRule[] | undefined;
  deny: readonly GuardRule[];
}

export type ParsedGuards = { ok: true; guards: Guards } | { ok: false; problems: GuardProblem[] };

const maxRules = 200;
const keys = ['preset', 'allow', 'deny'] as const;
const form = 'write a preset such as "read-only", or an object with "preset", "allow" and "deny"';

/** `raw` is the name of a preset, or an object with `preset`, `allow` and `deny`, each of which may be left out. */
export function parseGuards(raw: unknown): ParsedGuards {
  if (typeof raw === 'string')
    return isPreset(raw)
      ? { ok: true, guards: { preset: raw, allow: undefined, deny: [] } }
      : { ok: false, problems: [presetProblem([], raw, 'is no preset')] };
  return isRecord(raw) ? parseMembers(raw) : { ok: false, problems: [{ path: [], text: form }] };
}

/** The same from a text, such as an environment variable: the name of a preset, or the object as JSON. */
export function parseGuardsText(text: string): ParsedGuards {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return parseGuards(trimmed);
  const json = readJsonText(trimmed);
  return json === undefined
    ? {
        ok: false,
        problems: [{ path: [], text: 'the text is no JSON, or a name in it stands twice or is spelt with an escape' }],
      }
    : parseGuards(json.value);
}

function parseMembers(raw: Record<string, unknown>): ParsedGuards {
  const { preset, allow, deny } = raw;
  const problems = [...unknownKeys(raw), ...presetProblems(preset)];
  const allowed = parseRules('allow', allow, problems);
  const denied = parseRules('deny', deny, problems) ?? [];
  if (problems.length === 0 && preset === undefined && allowed === undefined && denied.length === 0)
    problems.push({ path: [], text: 'they restrict nothing: name a preset or rules, or write "full"' });
  if (problems.length > 0) return { ok: false, problems };
  const guards: Guards = { preset: isPreset(preset) ? preset : 'full', allow: allowed, deny: denied };
  const contradictions = findContradictions(guards);
  return contradictions.length > 0 ? { ok: false, problems: contradictions } : { ok: true, guards };
}

function* presetProblems(preset: unknown): Generator<GuardProblem> {
  if (preset === undefined || isPreset(preset)) return;
  yield typeof preset === 'string'
    ? presetProblem(['preset'], preset, 'is not known')
    : { path: ['preset'], text: `must be a text: ${allPresets}` };
}

const allPresets = `write ${presets.map((preset) => `"${preset}"`).join(', ')}`;

function presetProblem(path: GuardProblem['path'], text: string, what: string): GuardProblem {
  const meant = meantPreset(text);
  const named = `"${shownText(text)}" ${what}`;
  return meant === undefined
    ? { path, text: `${named}: ${allPresets}` }
    : { path, text: `${named}: did you mean "${meant}"?`, meant };
}

function* unknownKeys(raw: object): Generator<GuardProblem> {
  for (const key of Object.keys(raw)) {
    if (keys.some((known) => known === key)) continue;
    const [closest] = keys
      .map((known) => ({ known, distance: editDistance(key.toLowerCase().slice(0, 20), known) }))
      .sort((left, right) => left.distance - right.distance);
    const meant = closest !== undefined && closest.distance <= 3 ? closest.known : undefined;
    const hint =
      meant === undefined ? 'remove it; the keys are "preset", "allow" and "deny"' : `did you mean "${meant}"?`;
    yield {
      path: [key],
      isKey: true,
      text: `"${shownText(key)}" is no key of guards: ${hint}`,
      ...(meant === undefined ? {} : { meant }),
    };
  }
}

function parseRules(list: 'allow' | 'deny', raw: unknown, problems: GuardProblem[]): GuardRule[] | undefined {
  if (raw === undefined) return undefined;
  if (!Array.isArray(raw)) {
    problems.push({ path: [list], text: 'must be a list of rules, such as ["do_action **/sendMail"]' });
    return undefined;
  }
  if (raw.length > maxRules) {
    problems.push({ path: [list], text: `has more than ${maxRules} rules: use wildcards` });
    return undefined;
  }
  const rules: GuardRule[] = [];
  for (const [index, text] of raw.entries()) {
    const parsed = parseRule(text);
    if (parsed.ok) rules.push(parsed.rule);
    else problems.push({ path: [list, index], ...parsed.problem });
  }
  return rules;
}

/** Whether some of the guards restrict anything, so that calls have to be checked. */
export function restrict(guards: readonly Guards[]): boolean {
  return guards.some(({ preset, allow, deny }) => preset !== 'full' || allow !== undefined || deny.length > 0);
}
