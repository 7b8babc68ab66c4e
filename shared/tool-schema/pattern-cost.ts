// How many steps a backtracking matcher can take for a pattern at worst, on any text of a bounded length. It never guesses low: a
// repetition costs little only where the next character tells whether it goes on, as before the "@" of an address.
import { anything, areDisjoint, endOfText, noCharacter, type CharacterSet } from './character-set.ts';
import type { PatternNode } from './parse-pattern.ts';

interface Cost {
  /** How often what follows is tried at most. */
  ways: number;
  /** Steps to find all of these ways. */
  steps: number;
}

const endless: Cost = { ways: Infinity, steps: Infinity };

/** Steps of a search in a text of `length` characters; infinite where they grow exponentially. */
export function patternCost(node: PatternNode, length: number): number {
  const { steps } = costOf(node, noCharacter, length);
  return isAnchored(node) ? steps : steps * (length + 1);
}

/** `next`: the characters of which one has to follow; nothing has to where a match is complete, since it is never taken back. */
function costOf(node: PatternNode, next: CharacterSet, length: number): Cost {
  switch (node.kind) {
    case 'characters':
    case 'assertion':
      return { ways: 1, steps: 1 };
    case 'ahead':
      return { ways: 1, steps: 1 + costOf(node.body, noCharacter, length).steps };
    case 'sequence':
      return inSequence(
        node.parts.map((part, index) => costOf(part, first(node.parts.slice(index + 1), next), length)),
      );
    case 'choice': {
      const costs = node.branches.map((branch) => costOf(branch, next, length));
      const isTold = arePairwiseDisjoint(node.branches.map((branch) => first([branch], next)));
      const ways = costs.map((cost) => cost.ways);
      return {
        ways: isTold ? Math.max(...ways) : sum(ways),
        steps: costs.length + sum(costs.map(({ steps }) => steps)),
      };
    }
    case 'repeat':
      return repeated(node, next, length);
  }
}

function repeated(
  { body, min, max }: Extract<PatternNode, { kind: 'repeat' }>,
  next: CharacterSet,
  length: number,
): Cost {
  // What takes no character can be repeated for nothing, as often as the pattern says.
  if (isEmptiable(body) && max > 1) return endless;
  const goesOn = first([body], noCharacter);
  const once = costOf(body, max > 1 ? goesOn | next : next, length);
  if (once.steps === Infinity) return endless;
  const most = Math.min(max, length + 1);
  const choices = areDisjoint(goesOn, next) ? 1 : Math.max(1, most - Math.min(min, most) + 1);
  if (once.ways === 1) {
    // Without a way back each character is looked at by each part once.
    return { ways: choices, steps: 1 + Math.min(most * (once.steps + 1), (length + 1) * sizeOf(body)) };
  }
  let ways = 1;
  let steps = 1;
  let total = 0;
  for (let count = 0; count <= most; count++) {
    if (steps === Infinity || ways === Infinity) return endless;
    if (count >= min) total += ways;
    if (count < most) steps += ways * (once.steps + 1);
    ways *= once.ways;
  }
  return { ways: Math.max(total, 1), steps };
}

function inSequence(costs: readonly Cost[]): Cost {
  let ways = 1;
  let steps = 0;
  for (const cost of costs) {
    steps += ways * cost.steps;
    ways *= cost.ways;
  }
  return { ways, steps: Math.max(steps, 1) };
}

/** The characters of which one has to come for the parts and what is behind them to match. */
function first(parts: readonly PatternNode[], next: CharacterSet): CharacterSet {
  const [part, ...rest] = parts;
  if (part === undefined) return next;
  switch (part.kind) {
    case 'characters':
      return part.set;
    case 'assertion':
      return part.at === 'end' ? endOfText : anything;
    case 'ahead':
      return anything;
    case 'sequence':
      return first([...part.parts, ...rest], next);
    case 'choice': {
      const behind = isEmptiable(part) ? first(rest, next) : noCharacter;
      return part.branches.reduce((set, branch) => set | first([branch], noCharacter), behind);
    }
    case 'repeat': {
      if (part.max === 0) return first(rest, next);
      const behind = part.min === 0 || isEmptiable(part.body) ? first(rest, next) : noCharacter;
      return first([part.body], noCharacter) | behind;
    }
  }
}

function isEmptiable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'characters':
      return false;
    case 'assertion':
    case 'ahead':
      return true;
    case 'sequence':
      return node.parts.every(isEmptiable);
    case 'choice':
      return node.branches.some(isEmptiable);
    case 'repeat':
      return node.min === 0 || isEmptiable(node.body);
  }
}

/** Parts that can be at work at one character; infinite where a look ahead reads on from each of them. */
function sizeOf(node: PatternNode): number {
  switch (node.kind) {
    case 'characters':
    case 'assertion':
      return 1;
    case 'ahead':
      return Infinity;
    case 'sequence':
      return 1 + sum(node.parts.map(sizeOf));
    case 'choice':
      return 1 + sum(node.branches.map(sizeOf));
    case 'repeat':
      return 2 + sizeOf(node.body);
  }
}

function isAnchored(node: PatternNode): boolean {
  if (node.kind === 'assertion') return node.at === 'start';
  if (node.kind === 'choice') return node.branches.every(isAnchored);
  return node.kind === 'sequence' && node.parts[0] !== undefined && isAnchored(node.parts[0]);
}

function arePairwiseDisjoint(sets: readonly CharacterSet[]): boolean {
  let seen = noCharacter;
  for (const set of sets) {
    if (!areDisjoint(seen, set)) return false;
    seen |= set;
  }
  return true;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
