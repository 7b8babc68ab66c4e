// Where in the guards of an entry a problem of them stands, from the words in which it is told.
import type { EntryProblem } from './entry-problem.ts';

/** The whole guards when the words name no part of them. */
export function guardProblemPlace(problem: string, guards: unknown): Pick<EntryProblem, 'path' | 'isKey'> {
  const whole = { path: ['guards'] };
  if (guards === null || typeof guards !== 'object' || Array.isArray(guards)) return whole;
  const [, list = '', index] = /^(allow|deny)\[(\d+)\] /.exec(problem) ?? [];
  if (index !== undefined) return { path: ['guards', list, Number(index)] };
  const [, key = '', rest = ''] = /^(preset|allow|deny)\b(.*)$/s.exec(problem) ?? [];
  if (key === '') return unknownKey(problem, guards) ?? whole;
  const [, rule] = /^ (?:has )?"([^"]*)"/.exec(rest) ?? [];
  const rules = (guards as Record<string, unknown>)[key];
  if (rule === undefined || !Array.isArray(rules)) return { path: ['guards', key] };
  // Of a rule that stands twice the later one can go.
  const at = rules.findLastIndex((text) => typeof text === 'string' && text.trim().replace(/\s+/g, ' ') === rule);
  return { path: at < 0 ? ['guards', key] : ['guards', key, at] };
}

function unknownKey(problem: string, guards: object): Pick<EntryProblem, 'path' | 'isKey'> | undefined {
  if (!problem.includes('is no key of guards')) return undefined;
  const key = Object.keys(guards).find(
    (name) => !['preset', 'allow', 'deny'].includes(name) && problem.startsWith(`"${name.slice(0, 20)}`),
  );
  return key === undefined ? undefined : { path: ['guards', key], isKey: true };
}
