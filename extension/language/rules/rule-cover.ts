// Whether one rule of guards matches whatever another one does; both are patterns.
import { matchesWildcards } from '../../../shared/matches-wildcards.ts';
import type { GuardRule } from '../../../shared/guards/guard-rule.ts';
import { isAnyPath, matchesPath } from '../../../shared/guards/path-pattern.ts';

export type ComparedRule = Pick<GuardRule, 'tool' | 'path'>;

/** Never true without being so; in rare cases a cover is not seen. */
export function isCovered(rule: ComparedRule, wider: ComparedRule): boolean {
  if (!matchesWildcards(wider.tool, rule.tool)) return false;
  if (wider.path === undefined) return true;
  // A rule about the tool alone also fits calls without any path, which one about paths does not.
  if (rule.path === undefined) return false;
  // What `**` stands for may be several parts or none, which only another `**` takes.
  return matchesPath(wider.path, rule.path, (pattern, part) => part !== '**' && matchesWildcards(pattern, part));
}

export function isWholeRule({ path }: ComparedRule): boolean {
  return path === undefined || isAnyPath(path);
}
