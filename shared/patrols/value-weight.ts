// How large a JSON value is when it is written out, for values whose parts may be shared; it refuses what is too large.
import type { JSONValue } from '@jmespath-community/jmespath';
import { ExpressionProblem } from './expression-time.ts';

/** One for each value, and one more for every 16 characters. */
export const maxWeight = 500_000;
export const maxDepth = 64;
const charactersPerUnit = 16;

interface Measure {
  weight: number;
  depth: number;
}

export interface Scale {
  /** Throws ExpressionProblem for a value that is too large, too deep or no JSON. */
  weigh: (value: JSONValue) => number;
}

/** Remembers what it has weighed: values must not change afterwards. */
export function createScale(): Scale {
  const known = new WeakMap<object, Measure>();

  const measure = (value: unknown, room: number): Measure => {
    if (typeof value === 'string') return { weight: 1 + Math.floor(value.length / charactersPerUnit), depth: 0 };
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new ExpressionProblem('the result is no number, such as after a division by zero');
    if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
      return { weight: 1, depth: 0 };
    if (typeof value !== 'object') throw new ExpressionProblem('the result is no JSON value');
    const seen = known.get(value);
    if (seen !== undefined) return seen;
    if (room === 0) throw new ExpressionProblem(`the data are nested more than ${maxDepth} deep`);
    const total: Measure = { weight: 1, depth: 0 };
    for (const [key, member] of Object.entries(value)) {
      const part = measure(member, room - 1);
      total.weight += part.weight + (Array.isArray(value) ? 0 : Math.floor(key.length / charactersPerUnit));
      total.depth = Math.max(total.depth, part.depth + 1);
      if (total.weight > maxWeight) throw new ExpressionProblem('the data are too large: select less of them');
      if (total.depth > maxDepth) throw new ExpressionProblem(`the data are nested more than ${maxDepth} deep`);
    }
    known.set(value, total);
    return total;
  };

  return { weigh: (value) => measure(value, maxDepth).weight };
}
