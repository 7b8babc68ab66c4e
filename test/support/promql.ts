// Evaluates the part of PromQL that alert rules over present values need, on the samples of one scrape: selectors, arithmetic,
// comparisons, `and`, `or`, `unless` with their matching by labels. What it does not know is an error.
// Source: https://prometheus.io/docs/prometheus/latest/querying/operators/
import type { PrometheusSample } from './prometheus-text.ts';

export type Vector = readonly Pick<PrometheusSample, 'labels' | 'value'>[];
type Value = number | Vector;

const tokenPattern =
  /\s*(?:(\d+(?:\.\d+)?)|([a-zA-Z_:][\w:]*(?:\{[^}]*\})?)|("(?:[^"\\]|\\.)*")|(==|!=|>=|<=|[-+*/><(),]))/y;
const levels = [['or'], ['and', 'unless'], ['==', '!=', '>', '<', '>=', '<='], ['+', '-'], ['*', '/']];

/** `now`: seconds since the epoch. */
export function evaluatePromql(expr: string, samples: readonly PrometheusSample[], now: number): Value {
  const tokens = tokensOf(expr);
  let at = 0;
  const take = (text?: string): string => {
    const token = tokens[at++] ?? '';
    if (text !== undefined && token !== text) throw new Error(`"${text}" is wanted and "${token}" came in ${expr}`);
    return token;
  };

  const operand = (): Value => {
    const token = take();
    if (token === '(') {
      const inner = level(0);
      take(')');
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    if (token === 'time') {
      take('(');
      take(')');
      return now;
    }
    if (tokens[at] === '(') throw new Error(`${token}() is not known here`);
    return select(token, samples);
  };

  const level = (depth: number): Value => {
    const operators = levels[depth];
    if (operators === undefined) return operand();
    let left = level(depth + 1);
    while (operators.includes(tokens[at] ?? '')) {
      const operator = take();
      const on = tokens[at] === 'on' ? labelList() : undefined;
      left = combine(operator, left, level(depth + 1), on);
    }
    return left;
  };

  const labelList = (): string[] => {
    take('on');
    take('(');
    const labels: string[] = [];
    while (tokens[at] !== ')') {
      labels.push(take());
      if (tokens[at] === ',') take();
    }
    take(')');
    return labels;
  };

  const result = level(0);
  if (at < tokens.length) throw new Error(`"${tokens[at]}" is not expected in ${expr}`);
  return result;
}

function tokensOf(expr: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (expr.slice(tokenPattern.lastIndex).trim() !== '') {
    const found = tokenPattern.exec(expr);
    if (found === null) throw new Error(`no PromQL that is known here: ${expr}`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

function select(selector: string, samples: readonly PrometheusSample[]): Vector {
  const [, name = '', inside = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(selector) ?? [];
  const matchers = [...inside.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
    ([, label = '', how = '', text = '']) => {
      const pattern = new RegExp(`^(?:${text})$`);
      return ({ labels }: PrometheusSample): boolean => {
        const value = labels[label] ?? '';
        return (how.endsWith('~') ? pattern.test(value) : value === text) !== how.startsWith('!');
      };
    },
  );
  return samples.filter((sample) => sample.name === name && matchers.every((fits) => fits(sample)));
}

function combine(operator: string, left: Value, right: Value, on: readonly string[] | undefined): Value {
  if (typeof left === 'number' && typeof right === 'number') return compute(operator, left, right);
  if (typeof left !== 'number' && typeof right !== 'number') return combineVectors(operator, left, right, on);
  const vector = typeof left === 'number' ? right : left;
  return (typeof vector === 'number' ? [] : vector).flatMap(({ labels, value }) => {
    const [a, b] = typeof left === 'number' ? [left, value] : [value, right as number];
    return isComparison(operator)
      ? compute(operator, a, b) === 1
        ? [{ labels, value }]
        : []
      : [{ labels, value: compute(operator, a, b) }];
  });
}

function combineVectors(operator: string, left: Vector, right: Vector, on: readonly string[] | undefined): Vector {
  const keyOf = ({ labels }: Vector[number]): string =>
    JSON.stringify(
      Object.entries(labels)
        .filter(([label]) => on?.includes(label) ?? true)
        .sort(),
    );
  const keys = (vector: Vector): Set<string> => new Set(vector.map(keyOf));
  const [ofLeft, ofRight] = [keys(left), keys(right)];
  switch (operator) {
    case 'and':
      return left.filter((one) => ofRight.has(keyOf(one)));
    case 'unless':
      return left.filter((one) => !ofRight.has(keyOf(one)));
    case 'or':
      return [...left, ...right.filter((one) => !ofLeft.has(keyOf(one)))];
    default:
      throw new Error(`"${operator}" between two vectors is not known here`);
  }
}

function isComparison(operator: string): boolean {
  return /^[=!<>]/.test(operator);
}

function compute(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '>':
      return Number(a > b);
    case '<':
      return Number(a < b);
    case '>=':
      return Number(a >= b);
    case '<=':
      return Number(a <= b);
    default:
      throw new Error(`"${operator}" between numbers is not known here`);
  }
}
