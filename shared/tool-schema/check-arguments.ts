// Checks arguments against a tool's schema, without eval and in bounded time; the only file here that knows the validator.
import { validate, dereference, type OutputUnit, type Schema } from '@cfworker/json-schema';
import type { JsonObject } from './json-value.ts';
import { relevantFailures } from './relevant-failures.ts';
import { problemText } from './problem-text.ts';
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

export type CheckArguments = (values: JsonObject) => readonly Problem[];

/** What cannot be checked here is left to the server: there are no problems then. */
export function compileCheck(schema: ToolSchema): CheckArguments {
  // The validator notes addresses on the schemas it is given.
  const own = structuredClone(schema) as Schema;
  let known: Record<string, Schema | boolean>;
  try {
    known = dereference(own);
  } catch {
    return () => [];
  }
  return (values) => {
    try {
      const { errors } = validate(values, own, '2020-12', withBudget(known), false);
      return problemsOf(relevantFailures(errors), own, values);
    } catch {
      return [];
    }
  };
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
