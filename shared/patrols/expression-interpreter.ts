// Evaluates parsed JMESPath with the library's interpreter, metered: work, size and depth are bounded, and data stay data.
import { TreeInterpreter, type compile, type FunctionSignature, type JSONValue } from '@jmespath-community/jmespath';
import { createFunctions, groupBySignature, type FunctionContext } from './expression-functions.ts';
import { ExpressionProblem } from './expression-time.ts';
import { createScale } from './value-weight.ts';

export type ExpressionTree = ReturnType<typeof compile>;

/** Units of work of one expression: a node that is visited, an element or 16 characters that are looked at. While it lasts, the agent does nothing else: about 0.1 s. */
const maxWork = 1_000_000;
/** Of a call to a function of time or another of ours, which takes longer than what it looks at. */
const ownFunctionWork = 500;

/** The library would evaluate it with an interpreter of its own, which nothing meters. */
export const letProblem = '"let" is not known here';

type Interpreter = typeof TreeInterpreter;
/** What the library passes to functions in place of `&…`. */
type Reference = ExpressionTree & { expref: true };

/** Throws ExpressionProblem, and what the library throws. */
export function evaluateTree(tree: ExpressionTree, data: JSONValue, context: FunctionContext): JSONValue {
  // One of its own: the library's functions visit with the interpreter that they were made for.
  const interpreter = new (TreeInterpreter.constructor as new () => Interpreter)();
  const { runtime } = interpreter;
  const libraryVisit = interpreter.visit;
  const references = new WeakSet<object>();
  const scale = createScale();
  const functions = createFunctions(context);
  let work = 0;

  const spend = (amount: number): void => {
    work += amount;
    context.work?.spend(amount);
    if (work > maxWork) throw new ExpressionProblem('it takes too much work: look at less data at a time');
  };

  const visit: Interpreter['visit'] = (node, value) => {
    spend(1);
    switch (node.type) {
      case 'Field':
        return ownMember(value, node.name);
      case 'Flatten':
      case 'Slice':
        spend(scale.weigh(value as JSONValue));
        break;
      case 'ExpressionReference': {
        const reference = libraryVisit.call(interpreter, node, value);
        references.add(reference as object);
        return reference;
      }
      case 'Function':
        return callFunction(
          node.name,
          node.children.map((child) => visit(child, value)),
        );
      case 'Comparator': {
        const [left, right] = [visit(node.left, value), visit(node.right, value)] as [JSONValue, JSONValue];
        spend(Math.min(scale.weigh(left), scale.weigh(right)));
        // JMESPath would say null, which reads as false: a mistake would look like "nothing found".
        if (typeof left === 'string' && typeof right === 'string' && node.name !== 'EQ' && node.name !== 'NE')
          throw new ExpressionProblem('texts have no order here: compare times with before(a, b) or after(a, b)');
        // Given values it visits nothing again.
        return libraryVisit.call(interpreter, { ...node, left: literal(left), right: literal(right) }, null);
      }
      case 'LetExpression':
        throw new ExpressionProblem(letProblem);
      default:
    }
    const result = libraryVisit.call(interpreter, node, value);
    // What is built of other values refers to them, and could grow twofold with each step.
    if (node.type === 'MultiSelectList' || node.type === 'MultiSelectHash') scale.weigh(result as JSONValue);
    return result;
  };

  const callFunction = (name: string, values: ReturnType<typeof visit>[]): JSONValue => {
    for (const value of values) {
      if (isReference(value) && references.has(value)) continue;
      // The library would take such an object for an expression of the file.
      if (isReference(value)) throw new ExpressionProblem(`${name}() cannot take an object with a member "expref"`);
      spend(scale.weigh(value as JSONValue));
    }
    if (!Object.hasOwn(runtime._functionTable, name)) throw new ExpressionProblem(`there is no function ${name}()`);
    if (Object.hasOwn(functions, name) && name !== 'now') spend(ownFunctionWork);
    const result = runtime.callFunction(name, values);
    spend(scale.weigh(result));
    return result;
  };

  const groupBy: FunctionSignature = {
    _func: ([list, reference]: [JSONValue[], Reference]) => {
      const groups = new Map<string, JSONValue[]>();
      for (const item of list) {
        const key = visit(reference, item);
        if (typeof key !== 'string') throw new ExpressionProblem('group_by() needs a text to group by');
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [item]);
        else group.push(item);
      }
      return Object.fromEntries(groups);
    },
    _signature: groupBySignature,
  };

  interpreter.visit = visit;
  Object.assign(runtime._functionTable, functions, { group_by: groupBy });
  const result = interpreter.search(tree, data);
  if (isReference(result) && references.has(result))
    throw new ExpressionProblem('"&" makes sense inside a function only');
  spend(scale.weigh(result));
  return result;
}

/** Members of an object itself; what every JavaScript object inherits is no data. */
function ownMember(value: unknown, name: string): JSONValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, name)) return null;
  return (value as Record<string, JSONValue>)[name] ?? null;
}

function isReference(value: unknown): value is Reference {
  return value !== null && typeof value === 'object' && 'expref' in value && Boolean(value.expref);
}

function literal(value: JSONValue): ExpressionTree {
  return { type: 'Literal', value };
}
