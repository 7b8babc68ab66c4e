// Checks a parsed expression without evaluating it: its functions, and what it refers to. Mistakes are found when the file is read.
import { constantArgumentProblem } from './constant-argument.ts';
import { didYouMean } from './did-you-mean.ts';
import { createFunctions, groupBySignature } from './expression-functions.ts';
import { letProblem, type ExpressionTree } from './expression-interpreter.ts';
import { TreeInterpreter, type InputSignature } from '@jmespath-community/jmespath';

/** What an expression can refer to where it stands. */
export interface ExpressionScope {
  /** Names beside `steps`. */
  names: readonly string[];
  /** Ids of the steps that come before, the only ones whose results there are. */
  earlierSteps: readonly string[];
  /** Ids of all steps, to tell a later step from an unknown one. */
  allSteps: readonly string[];
}

export interface CheckedTree {
  /** The first thing that is wrong. */
  problem?: string;
  reads: string[];
  /** Also those of which it asks only whether they went well. */
  asks: string[];
}

const maxDepth = 100;
/** JMESPath reads !a.b as (!a).b, which is nothing whatever a is. */
const notProblem = '"!" takes the name beside it alone: write !(a.b) instead of !a.b';
/** What a step leaves; see `StepValue`. The rest says only whether it went well. */
const stepMembers = ['ok', 'result', 'items', 'error', 'skipped'];
const aboutStep: ReadonlySet<string> = new Set(['ok', 'error', 'skipped']);

export function checkTree(tree: ExpressionTree, scope: ExpressionScope): CheckedTree {
  const problems: string[] = [];
  const reads = new Set<string>();
  const asks = new Set<string>();

  /** `atRoot`: names here are names of the context; elsewhere they are members of data, which nobody knows beforehand. */
  const walk = (node: ExpressionTree, atRoot: boolean, depth: number): void => {
    if (problems.length > 0) return;
    if (depth > maxDepth) return void problems.push('it is nested too deep');
    const path = pathOf(node, atRoot);
    if (path !== undefined) return checkPath(path);
    const at = (child: ExpressionTree, isAtRoot = atRoot): void => walk(child, isAtRoot, depth + 1);
    switch (node.type) {
      case 'Function':
        checkCall(node.name, node.children);
        return node.children.forEach((child) => at(child));
      case 'LetExpression':
      case 'Variable':
      case 'Binding':
        return void problems.push(letProblem);
      case 'Subexpression':
      case 'IndexExpression':
        if (node.left.type === 'NotExpression') return void problems.push(notProblem);
        at(node.left);
        return at(node.right, isWhole(node.left, atRoot));
      case 'Pipe':
      case 'Projection':
      case 'ValueProjection':
        at(node.left);
        return at(node.right, node.type === 'Pipe' && isWhole(node.left, atRoot));
      case 'FilterProjection':
        at(node.left);
        at(node.condition, false);
        return at(node.right, false);
      case 'Comparator':
      case 'Arithmetic':
      case 'AndExpression':
      case 'OrExpression':
        at(node.left);
        return at(node.right);
      case 'Ternary':
        at(node.condition);
        at(node.trueExpr);
        return at(node.falseExpr);
      case 'Unary':
        return at(node.operand);
      case 'NotExpression':
      case 'Flatten':
        return at(node.child);
      case 'ExpressionReference':
        return at(node.child, false);
      case 'MultiSelectList':
        return node.children.forEach((child) => at(child));
      case 'MultiSelectHash':
        return node.children.forEach(({ value }) => at(value));
      default:
    }
  };

  const checkCall = (name: string, given: readonly ExpressionTree[]): void => {
    const count = given.length;
    const signature = signatures.get(name);
    if (signature === undefined)
      return void problems.push(`there is no function ${name}(). ${didYouMean(name, [...signatures.keys()])}`.trim());
    const least = signature.filter(({ optional }) => optional !== true).length;
    const most = signature.at(-1)?.variadic === true ? Infinity : signature.length;
    if (count >= least && count <= most) {
      const found = given.map((node, position) =>
        node.type === 'Literal' ? constantArgumentProblem(name, position, node.value) : undefined,
      );
      problems.push(...found.filter((problem) => problem !== undefined));
      return;
    }
    const wanted = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    problems.push(`${name}() takes ${wanted} argument${least === 1 && most === 1 ? '' : 's'}, not ${count}`);
  };

  const checkPath = ([name, step, member]: readonly string[]): void => {
    // The whole context: everything that is known so far.
    if (name === undefined || (name === 'steps' && step === undefined))
      return scope.earlierSteps.forEach((id) => {
        reads.add(id);
        asks.add(id);
      });
    const known = ['steps', ...scope.names];
    if (!known.includes(name)) {
      const hint = scope.earlierSteps.includes(name)
        ? `write steps.${name}`
        : didYouMean(name, known) || `there are ${known.join(', ')}`;
      return void problems.push(`"${name.slice(0, 40)}" is not known here: ${hint}`);
    }
    if (name !== 'steps' || step === undefined) return;
    if (!scope.earlierSteps.includes(step)) {
      const shown = `"${step.slice(0, 40)}"`;
      const hint = didYouMean(step, scope.earlierSteps);
      return void problems.push(
        scope.allSteps.includes(step)
          ? `it refers to step ${shown}, which has not been run by then`
          : `there is no step ${shown} before. ${hint}`.trim(),
      );
    }
    if (member !== undefined && !stepMembers.includes(member))
      return void problems.push(
        `a step has ${stepMembers.join(', ')}, but no "${member.slice(0, 40)}": ${didYouMean(member, stepMembers) || `write steps.${step}.result.${member.slice(0, 40)} for a member of the result`}`,
      );
    asks.add(step);
    if (member === undefined || !aboutStep.has(member)) reads.add(step);
  };

  walk(tree, true, 0);
  return { ...(problems[0] !== undefined && { problem: problems[0] }), reads: [...reads], asks: [...asks] };
}

/** The names from the context down, when the node is nothing but names. */
function pathOf(node: ExpressionTree, atRoot: boolean): readonly string[] | undefined {
  if (node.type === 'Root' || (atRoot && (node.type === 'Current' || node.type === 'Identity'))) return [];
  if (node.type === 'Field') return atRoot ? [node.name] : undefined;
  if (node.type !== 'Subexpression' || node.right.type !== 'Field') return undefined;
  const left = pathOf(node.left, atRoot);
  return left === undefined ? undefined : [...left, node.right.name];
}

function isWhole(node: ExpressionTree, atRoot: boolean): boolean {
  return pathOf(node, atRoot)?.length === 0;
}

const signatures: ReadonlyMap<string, InputSignature[]> = new Map([
  ...Object.entries(TreeInterpreter.runtime._functionTable).map(
    ([name, { _signature }]) => [name, _signature] as const,
  ),
  ...Object.entries(createFunctions({ now: 0, timeZone: 'UTC' })).map(
    ([name, { _signature }]) => [name, _signature] as const,
  ),
  ['group_by', groupBySignature],
]);

/** Names of all functions, for completion and documentation. */
export const functionNames: readonly string[] = [...signatures.keys()].sort();
