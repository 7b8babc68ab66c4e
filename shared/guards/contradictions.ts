// Rules that can never have an effect, where that is obvious: whoever wrote them meant something else.
import { matchesWildcards } from '../matches-wildcards.ts';
import type { GuardRule } from './guard-rule.ts';
import type { Guards } from './parse-guards.ts';
import { isAnyPath } from './path-pattern.ts';
import { isGenericWriter } from './work-iq-tools.ts';

/** One sentence per finding. */
export function findContradictions({ preset, allow = [], deny }: Guards): string[] {
  return [
    ...repeated('allow', allow),
    ...repeated('deny', deny),
    ...allow.flatMap((rule) => {
      const stronger = deny.find((denying) => covers(denying, rule));
      if (stronger !== undefined)
        return [`allow "${rule.text}" can never match, because deny "${stronger.text}" wins: remove one of them`];
      return preset === 'read-only' && isGenericWriter(rule.tool)
        ? [
            `allow "${rule.text}" can never match, because "read-only" lets no writing tool pass: use "no-send" or "full"`,
          ]
        : [];
    }),
    ...deny
      .filter(({ tool, path }) => /^\*+$/.test(tool) && isWhole(path))
      .map(({ text }) => `deny "${text}" denies every call: write "allow": [] if that is meant, or "enabled": false`),
  ];
}

function* repeated(list: 'allow' | 'deny', rules: readonly GuardRule[]): Generator<string> {
  const seen = new Map<string, GuardRule>();
  for (const rule of rules) {
    const { tool, path } = list === 'allow' ? rule : rule.deniable;
    const key = [tool, path?.join('/') ?? ''].join(' ');
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, rule);
    else if (earlier.text === rule.text) yield `${list} has "${rule.text}" twice: remove one of them`;
    else yield `${list} "${rule.text}" means the same as "${earlier.text}": remove one of them`;
  }
}

/** Whether a denying rule matches whatever the other one does. Wildcards of the other stand for themselves here. */
function covers(denying: GuardRule, { deniable }: GuardRule): boolean {
  if (!matchesWildcards(denying.deniable.tool, deniable.tool)) return false;
  return isWhole(denying.deniable.path) || denying.deniable.path?.join('/') === deniable.path?.join('/');
}

function isWhole(path: GuardRule['path']): boolean {
  return path === undefined || isAnyPath(path);
}
