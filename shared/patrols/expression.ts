// One expression of patrols.json: parsed and checked when the file is read, evaluated when a run needs it.
import { compile, type JSONValue } from '@jmespath-community/jmespath';
import { ExpressionProblem } from './expression-time.ts';
import { checkTree, type ExpressionScope } from './expression-check.ts';
import { evaluateTree, type ExpressionTree } from './expression-interpreter.ts';
import type { FunctionContext } from './expression-functions.ts';

export interface Expression {
  source: string;
  tree: ExpressionTree;
  /** Ids of the steps whose results it reads, rather than only whether they were well. */
  reads: readonly string[];
  /** The same with those of which it asks only whether they went well. */
  asks: readonly string[];
}

export type ParsedExpression = { ok: true; expression: Expression } | { ok: false; problem: string };

const maxLength = 2_000;

export function parseExpression(source: string, scope: ExpressionScope): ParsedExpression {
  if (source === '') return refuse(source, 'it is empty: write an expression between the braces');
  if (source.length > maxLength) return refuse(source, `it is longer than ${maxLength} characters`);
  let tree: ExpressionTree;
  try {
    tree = compile(source);
  } catch (error) {
    return refuse(source, syntaxProblem(source, error));
  }
  const { problem, reads, asks } = checkTree(tree, scope);
  if (problem !== undefined) return refuse(source, problem);
  return { ok: true, expression: { source, tree, reads, asks } };
}

function refuse(source: string, problem: string): ParsedExpression {
  return { ok: false, problem: `${shownExpression(source)}: ${problem}` };
}

export function shownExpression(source: string): string {
  return `\${${source.length > 80 ? `${source.slice(0, 80)}…` : source}}`;
}

/** What the library says is about its tokens. */
function syntaxProblem(source: string, error: unknown): string {
  const said = error instanceof Error ? error.message : '';
  const [, number] = /\(Number\): "(-?\d+)"/.exec(said) ?? [];
  if (number !== undefined) return `write the number in backticks: \`${number}\``;
  if (/JSON literal/.test(said)) return 'what stands in backticks must be JSON; write texts in single quotes';
  if (/EOF|undefined/.test(said)) return 'it ends too early';
  if (/quoted identifier not allowed/.test(said))
    return 'write names of functions without quotes, and texts in single quotes';
  const clean = said.replace(/^syntax error[:,] ?/i, '').slice(0, 120);
  const [foreign] = /^(?:env|input|config|command):/.exec(source) ?? [];
  if (foreign !== undefined)
    return `"${foreign}" is not known here; values come from steps and from functions such as now()`;
  return `it is no JMESPath expression: ${clean}`;
}

/** Throws ExpressionProblem only. The value shares parts with the data: neither may be changed. */
export function evaluateExpression({ source, tree }: Expression, data: JSONValue, context: FunctionContext): JSONValue {
  try {
    return evaluateTree(tree, data, context);
  } catch (error) {
    throw new ExpressionProblem(`${shownExpression(source)}: ${evaluationProblem(error)}`, { cause: error });
  }
}

function evaluationProblem(error: unknown): string {
  if (error instanceof ExpressionProblem) return error.message;
  const said = error instanceof Error ? error.message : '';
  if (/divide by zero/.test(said)) return 'it divides by zero';
  if (error instanceof RangeError) return 'the data are too large or nested too deep';
  const [, name = '', position = '', expected = '', received = ''] =
    /Invalid type: (\w+)\(\) expected argument (\d+) to be type \(([^)]*)\) but received type ([\w<>]+)/.exec(said) ??
    [];
  if (name === '') return said.replace(/^[\w-]+: /, '').slice(0, 200) || 'it cannot be evaluated';
  const needs = expected
    .replaceAll('Array<', 'list of <')
    .replaceAll(/[<>]/g, '')
    .replaceAll('|', 'or')
    .replaceAll('array', 'list');
  if (received === 'null')
    return `${name}() needs a ${needs} and got nothing: what argument ${position} asks for is not there; "|| \`[]\`" or "|| ''" gives a default`;
  return `${name}() needs a ${needs} as argument ${position} and got a ${received}`;
}
