// Which of a validator's failures a person should read: the innermost ones, and of alternatives only those of the nearest.
import type { OutputUnit } from '@cfworker/json-schema';

const alternativeKeywords: ReadonlySet<string> = new Set(['anyOf', 'oneOf']);

export function relevantFailures(failures: readonly OutputUnit[]): readonly OutputUnit[] {
  const nearest = withNearestAlternatives(failures);
  return nearest.filter(({ keyword, keywordLocation }, index) => {
    if (wrappers.has(keyword)) return false;
    const next = nearest[index + 1];
    return !(alternativeKeywords.has(keyword) && next !== undefined && isBelow(next.keywordLocation, keywordLocation));
  });
}

/** They only say that one of their parts failed; those follow. */
const wrappers: ReadonlySet<string> = new Set([
  '$ref',
  'allOf',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'dependentSchemas',
  'items',
  'prefixItems',
  'if',
]);

function withNearestAlternatives(failures: readonly OutputUnit[]): readonly OutputUnit[] {
  const kept: OutputUnit[] = [];
  let index = 0;
  while (index < failures.length) {
    const failure = failures[index++] as OutputUnit;
    kept.push(failure);
    if (!alternativeKeywords.has(failure.keyword)) continue;
    const branches: OutputUnit[][] = [];
    for (; index < failures.length; index++) {
      const inner = failures[index] as OutputUnit;
      if (!isBelow(inner.keywordLocation, failure.keywordLocation) && !isFalse(inner)) break;
      const branch = isFalse(inner) ? branches.length - 1 : branchOf(inner, failure);
      (branches[branch < 0 ? 0 : branch] ??= []).push(inner);
    }
    kept.push(...nearestBranch(branches, failure));
  }
  return kept;
}

/** The only alternative that failed in its parts, or the one with least failures; none when the kind of value is wrong. */
function nearestBranch(branches: readonly OutputUnit[][], { instanceLocation }: OutputUnit): readonly OutputUnit[] {
  const isWrongKind = (failure: OutputUnit): boolean =>
    failure.instanceLocation === instanceLocation && ['type', 'const', 'enum'].includes(failure.keyword);
  const inside = branches
    .filter((branch) => branch !== undefined)
    .map((branch) => relevantFailures(branch))
    .filter((branch) => branch.length > 0 && !branch.some(isWrongKind))
    .sort((one, other) => constantsOf(one) - constantsOf(other) || one.length - other.length);
  return inside[0] ?? [];
}

/** Constants tell alternatives apart: one that disagrees is another alternative. */
function constantsOf(failures: readonly OutputUnit[]): number {
  return failures.filter(({ keyword }) => keyword === 'const').length;
}

function branchOf({ keywordLocation }: OutputUnit, { keywordLocation: parent }: OutputUnit): number {
  return Number(/^\d+/.exec(keywordLocation.slice(parent.length + 1))?.[0] ?? 0);
}

function isBelow(location: string, parent: string): boolean {
  return location.startsWith(`${parent}/`);
}

/** The validator gives the place in the value as the place of the keyword for what is never allowed. */
function isFalse({ keyword }: OutputUnit): boolean {
  return keyword === 'false';
}
