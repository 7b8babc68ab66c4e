// A value of patrols.json with `${…}` in its texts: parsed once, filled in for each call. Names of members are never filled in.
import type { JSONValue } from '@jmespath-community/jmespath';
import type { ExpressionScope } from './expression-check.ts';
import { maxTextLength, type FunctionContext } from './expression-functions.ts';
import { ExpressionProblem } from './expression-time.ts';
import { evaluateExpression, parseExpression, type Expression } from './expression.ts';
import { maxProblems } from './problem-list.ts';
import { parseTemplate } from './template.ts';
import { createScale } from './value-weight.ts';

export type ValuePart = { kind: 'text'; text: string } | { kind: 'expression'; expression: Expression };

export type PatrolValue =
  | { kind: 'constant'; value: JSONValue }
  /** One expression alone, which keeps its type. */
  | { kind: 'expression'; expression: Expression }
  /** Text around expressions. */
  | { kind: 'text'; parts: readonly ValuePart[] }
  | { kind: 'list'; items: readonly PatrolValue[] }
  | { kind: 'members'; members: readonly (readonly [string, PatrolValue])[] };

export interface ValueProblem {
  /** Keys and indexes from the value down. */
  path: readonly (string | number)[];
  message: string;
}

export interface ParsedValue {
  value: PatrolValue;
  /** The first ones where there are many. */
  problems: ValueProblem[];
  /** Ids of the steps whose results it reads. */
  reads: string[];
}

const maxDepth = 20;

export function parseValue(raw: unknown, scope: ExpressionScope): ParsedValue {
  const problems: ValueProblem[] = [];
  const reads = new Set<string>();

  const parse = (value: unknown, path: readonly (string | number)[]): PatrolValue => {
    if (problems.length > maxProblems) return { kind: 'constant', value: null };
    if (path.length > maxDepth) {
      problems.push({ path, message: `is nested more than ${maxDepth} deep` });
      return { kind: 'constant', value: null };
    }
    if (typeof value === 'string') return parseText(value, path);
    if (Array.isArray(value)) return { kind: 'list', items: value.map((item, index) => parse(item, [...path, index])) };
    if (value !== null && typeof value === 'object') {
      for (const key of Object.keys(value))
        if (key.includes('${'))
          problems.push({
            path: [...path, key],
            message: 'is a name, and names are fixed: write ${…} in its value only',
          });
      return {
        kind: 'members',
        members: Object.entries(value).map(([key, member]) => [key, parse(member, [...path, key])] as const),
      };
    }
    return { kind: 'constant', value: value as JSONValue };
  };

  const parseText = (text: string, path: readonly (string | number)[]): PatrolValue => {
    const template = parseTemplate(text);
    if (!template.ok) {
      problems.push({ path, message: template.problem });
      return { kind: 'constant', value: text };
    }
    const parts: ValuePart[] = [];
    for (const part of template.parts) {
      if (part.kind === 'text') {
        parts.push(part);
        continue;
      }
      const parsed = parseExpression(part.source, scope);
      if (!parsed.ok) {
        problems.push({ path, message: parsed.problem });
        continue;
      }
      parsed.expression.reads.forEach((id) => reads.add(id));
      parts.push({ kind: 'expression', expression: parsed.expression });
    }
    const [first] = parts;
    if (parts.length === 1 && first !== undefined)
      return first.kind === 'text' ? { kind: 'constant', value: first.text } : first;
    return { kind: 'text', parts };
  };

  return { value: parse(raw, []), problems, reads: [...reads] };
}

/**
 * The value with everything filled in. What comes from `data` is never read for expressions again. The result shares no
 * part with them. Throws ExpressionProblem with the place in the value, such as `entityUrls[0]`.
 */
export function fillIn(value: PatrolValue, data: JSONValue, context: FunctionContext): JSONValue {
  const filled = filledIn(value, data, context, '');
  const weight = createScale().weigh(filled);
  context.work?.spend(weight);
  return structuredClone(filled);
}

function filledIn(value: PatrolValue, data: JSONValue, context: FunctionContext, place: string): JSONValue {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'expression':
      return placed(place, () => evaluateExpression(value.expression, data, context));
    case 'text':
      return placed(place, () => joined(value.parts, data, context));
    case 'list':
      return value.items.map((item, index) => filledIn(item, data, context, `${place}[${index}]`));
    case 'members':
      return Object.fromEntries(
        value.members.map(([key, member]) => [
          key,
          filledIn(member, data, context, place === '' ? key : `${place}.${key}`),
        ]),
      );
  }
}

function placed<Result>(place: string, evaluate: () => Result): Result {
  try {
    return evaluate();
  } catch (error) {
    if (place === '' || !(error instanceof ExpressionProblem)) throw error;
    throw new ExpressionProblem(`${place}: ${error.message}`, { cause: error });
  }
}

function joined(parts: readonly ValuePart[], data: JSONValue, context: FunctionContext): string {
  let text = '';
  for (const part of parts) {
    text += part.kind === 'text' ? part.text : asText(evaluateExpression(part.expression, data, context));
    if (text.length > maxTextLength) throw new ExpressionProblem(`the text is longer than ${maxTextLength} characters`);
  }
  return text;
}

/** Nothing is an empty text; lists and objects are JSON. */
function asText(value: JSONValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether a value counts as true, as JMESPath has it: not null, false, nor an empty text, list or object. */
export function isTrue(value: JSONValue): boolean {
  if (value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
