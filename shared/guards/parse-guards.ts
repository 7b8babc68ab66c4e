// The guards of a server, a profile or a patrol, as they are configured: parsed once, with every problem in plain words.
import { editDistance } from '../edit-distance.ts';
import { findContradictions } from './contradictions.ts';
import { parseRule, type GuardRule } from './guard-rule.ts';
import { readJsonText } from './json-text.ts';
import { isPreset, presetHint, type Preset } from './preset.ts';
import { shownText } from './shown-path.ts';

export interface Guards {
  preset: Preset;
  /** Undefined when anything is allowed that the preset lets pass. */
  allow: readonly GuardRule[] | undefined;
  deny: readonly GuardRule[];
}

/** Problems are sentences without the name of what is guarded. */
export type ParsedGuards = { ok: true; guards: Guards } | { ok: false; problems: string[] };

const maxRules = 200;
const keys = ['preset', 'allow', 'deny'] as const;
const form = 'write a preset such as "read-only", or an object with "preset", "allow" and "deny"';

/** `raw` is the name of a preset, or an object with `preset`, `allow` and `deny`, each of which may be left out. */
export function parseGuards(raw: unknown): ParsedGuards {
  if (typeof raw === 'string')
    return isPreset(raw)
      ? { ok: true, guards: { preset: raw, allow: undefined, deny: [] } }
      : { ok: false, problems: [`"${shownText(raw)}" is no preset: ${presetHint(raw)}`] };
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return { ok: false, problems: [form] };
  return parseMembers(raw);
}

/** The same from a text, such as an environment variable: the name of a preset, or the object as JSON. */
export function parseGuardsText(text: string): ParsedGuards {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return parseGuards(trimmed);
  const json = readJsonText(trimmed);
  return json === undefined
    ? { ok: false, problems: ['the text is no JSON, or a name stands twice in it'] }
    : parseGuards(json.value);
}

function parseMembers(raw: object): ParsedGuards {
  const { preset, allow, deny } = raw as Partial<Record<(typeof keys)[number], unknown>>;
  const problems = [...unknownKeys(raw), ...presetProblems(preset)];
  const allowed = parseRules('allow', allow, problems);
  const denied = parseRules('deny', deny, problems) ?? [];
  if (problems.length === 0 && preset === undefined && allowed === undefined && denied.length === 0)
    problems.push('they restrict nothing: name a preset or rules, or write "full"');
  if (problems.length > 0) return { ok: false, problems };
  const guards: Guards = { preset: isPreset(preset) ? preset : 'full', allow: allowed, deny: denied };
  const contradictions = findContradictions(guards);
  return contradictions.length > 0 ? { ok: false, problems: contradictions } : { ok: true, guards };
}

function* presetProblems(preset: unknown): Generator<string> {
  if (preset === undefined || isPreset(preset)) return;
  yield typeof preset === 'string'
    ? `preset "${shownText(preset)}" is not known: ${presetHint(preset)}`
    : `preset must be a text: ${presetHint('')}`;
}

function* unknownKeys(raw: object): Generator<string> {
  for (const key of Object.keys(raw)) {
    if (keys.some((known) => known === key)) continue;
    const [closest] = keys
      .map((known) => ({ known, distance: editDistance(key.toLowerCase().slice(0, 20), known) }))
      .sort((left, right) => left.distance - right.distance);
    const hint =
      closest !== undefined && closest.distance <= 3
        ? `did you mean "${closest.known}"?`
        : 'remove it; the keys are "preset", "allow" and "deny"';
    yield `"${shownText(key)}" is no key of guards: ${hint}`;
  }
}

function parseRules(list: 'allow' | 'deny', raw: unknown, problems: string[]): GuardRule[] | undefined {
  if (raw === undefined) return undefined;
  if (!Array.isArray(raw)) {
    problems.push(`${list} must be a list of rules, such as ["do_action **/sendMail"]`);
    return undefined;
  }
  if (raw.length > maxRules) {
    problems.push(`${list} has more than ${maxRules} rules: use wildcards`);
    return undefined;
  }
  const rules: GuardRule[] = [];
  for (const [index, text] of raw.entries()) {
    const parsed = parseRule(text);
    if (parsed.ok) rules.push(parsed.rule);
    else problems.push(`${list}[${index}] ${parsed.problem}`);
  }
  return rules;
}

/** Whether some of the guards restrict anything, so that calls have to be checked. */
export function restrict(guards: readonly Guards[]): boolean {
  return guards.some(({ preset, allow, deny }) => preset !== 'full' || allow !== undefined || deny.length > 0);
}
