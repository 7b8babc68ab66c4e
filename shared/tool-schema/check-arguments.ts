// Checks arguments against a tool's schema, without eval and in bounded time; the only file here that knows the validator.
import { validate, dereference, type OutputUnit, type Schema } from '@cfworker/json-schema';
import { boundPatterns } from './bound-patterns.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';
import { relevantFailures } from './relevant-failures.ts';
import { problemText } from './problem-text.ts';
import { checkedTextLength } from './safe-pattern.ts';
import { schemaAt } from './schema-at.ts';
import type { ToolSchema } from './tool-schema.ts';

export interface Problem {
  /** JSON pointer into the arguments. */
  readonly pointer: string;
  /** Plain words, a sentence. */
  readonly message: string;
}

/** Enough for any real call; a schema that refers to itself over and over ends there. */
const maxReferences = 50_000;
const maxProblems = 200;
const maxDepth = 200;

export type CheckArguments = (values: JsonObject) => readonly Problem[];

/** What cannot be checked here is left to the server: there are no problems then. */
export function compileCheck(schema: ToolSchema): CheckArguments {
  // A copy: the validator notes addresses on the schemas it is given.
  const { schema: own, hasNamePatterns } = boundPatterns(schema);
  let known: Record<string, Schema | boolean>;
  try {
    known = dereference(own);
  } catch {
    return () => [];
  }
  return (values) => {
    if (hasNamePatterns && hasLongName(values)) return [];
    try {
      const { errors } = validate(values, own, '2020-12', withBudget(known), false);
      return problemsOf(relevantFailures(errors), schema as Schema, values);
    } catch {
      return [];
    }
  };
}

/** Deeper than any recursion may go it counts as one. */
function hasLongName(value: JsonValue, depth = 0): boolean {
  if (depth > maxDepth) return true;
  if (isJsonArray(value)) return value.some((item) => hasLongName(item, depth + 1));
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, item]) => name.length > checkedTextLength || hasLongName(item, depth + 1));
}

class TooManyReferences extends Error {}

function withBudget(known: Record<string, Schema | boolean>): Record<string, Schema | boolean> {
  let left = maxReferences;
  return new Proxy(known, {
    get: (target, name) => {
      if (--left < 0) throw new TooManyReferences();
      return Reflect.get(target, name) as Schema | boolean | undefined;
    },
  });
}

function problemsOf(failures: readonly OutputUnit[], schema: Schema, values: JsonObject): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const failure of failures) {
    const around = schemaAt(schema, failure.keywordLocation);
    for (const problem of problemText(failure, around, values)) {
      // The first failure of a place tells most; the others follow from it or come up next.
      if (!problems.has(problem.pointer)) problems.set(problem.pointer, problem);
    }
    if (problems.size >= maxProblems) break;
  }
  return [...problems.values()];
}
