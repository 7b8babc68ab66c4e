// Rules that can never have an effect, where that is obvious: whoever wrote them meant something else.
import { matchesWildcards } from '../matches-wildcards.ts';
import type { GuardProblem } from './guard-problem.ts';
import type { GuardRule } from './guard-rule.ts';
import type { Guards } from './parse-guards.ts';
import { isAnyPath } from './path-pattern.ts';
import { isGenericWriter } from './work-iq-tools.ts';

/** The rules are in the order in which they are written. */
export function findContradictions({ preset, allow = [], deny }: Guards): GuardProblem[] {
  return [
    ...repeated('allow', allow),
    ...repeated('deny', deny),
    ...allow.flatMap((rule, index) => {
      const why = whyNever(rule, { preset, deny });
      return why === undefined
        ? []
        : [{ path: ['allow', index], text: `"${rule.text}" can never match, because ${why}` }];
    }),
    ...deny.flatMap(({ tool, path, text }, index) =>
      /^\*+$/.test(tool) && isWhole(path)
        ? [
            {
              path: ['deny', index],
              text: `"${text}" denies every call: write "allow": [] if that is meant, or "enabled": false`,
            },
          ]
        : [],
    ),
  ];
}

function whyNever(rule: GuardRule, { preset, deny }: Pick<Guards, 'preset' | 'deny'>): string | undefined {
  const stronger = deny.find((denying) => covers(denying, rule));
  if (stronger !== undefined) return `deny "${stronger.text}" wins: remove one of them`;
  return preset === 'read-only' && isGenericWriter(rule.tool)
    ? '"read-only" lets no writing tool pass: use "no-send" or "full"'
    : undefined;
}

/** Of two the later one can go. */
function* repeated(list: 'allow' | 'deny', rules: readonly GuardRule[]): Generator<GuardProblem> {
  const seen = new Map<string, GuardRule>();
  for (const [index, rule] of rules.entries()) {
    const { tool, path } = list === 'allow' ? rule : rule.deniable;
    const key = [tool, path?.join('/') ?? ''].join(' ');
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, rule);
    else {
      const what = earlier.text === rule.text ? 'stands twice' : `means the same as "${earlier.text}"`;
      yield { path: [list, index], text: `"${rule.text}" ${what}: remove one of them` };
    }
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
