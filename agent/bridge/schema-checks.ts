// Checks what goes to a tool and what comes from it against the schemas its server gave. Loaded with the first call that needs it.
import { compileCheck, type CheckArguments } from '../../shared/tool-schema/check-arguments.ts';
import { partsOf, placeText, pointerOf } from '../../shared/tool-schema/field-path.ts';
import { isJsonObject } from '../../shared/tool-schema/json-value.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import { within } from './time-bound.ts';

/** Problems that are told; one mistake often makes many. */
const maxTold = 8;
/** Milliseconds for one check; beyond them the schema is not used any more. */
const checkMs = 250;
/** Parts of the schema times parts of the value that are checked without a watch over the time, which takes its own. */
const smallWork = 20_000;
/** What a pattern, a reference and a comparison of all items weigh: each can do the work of many parts. */
const heavyWeight = 1_000;

interface Compiled {
  check: CheckArguments;
  weight: number;
}

export interface SchemaProblem {
  /** Its place and what it is in plain words, such as `entityUrls: This is required.` */
  text: string;
  /** JSON pointer with `*` for each name that the schema does not have: names can be data. */
  place: string;
}

/** Compiled once per schema; a list of tools that comes anew brings new ones. */
const compiled = new WeakMap<object, Compiled>();

/** None when the schema cannot be used, since the server is the judge then. */
export function schemaProblems(value: unknown, schema: Readonly<Record<string, unknown>>): SchemaProblem[] {
  if (!isJsonObject(value)) return [{ text: 'This must be an object.', place: '' }];
  const known = compiled.get(schema) ?? compile(schema);
  const isSmall = known.weight * weightOf(value, smallWork / known.weight) <= smallWork;
  const found = isSmall ? { value: known.check(value) } : within(checkMs, () => known.check(value));
  if (found === undefined) compiled.set(schema, { check: () => [], weight: 0 });
  const problems = (found?.value ?? []).slice(0, maxTold);
  const names = problems.length === 0 ? new Set<string>() : propertyNames(schema);
  return problems.map(({ pointer, message }) => {
    const parts = partsOf(pointer);
    return {
      text: pointer === '' ? message : `${placeText(parts)}: ${message}`,
      place: pointerOf(parts.map((part) => (/^\d+$/.test(part) || names.has(part) ? part : '*'))),
    };
  });
}

function compile(schema: Readonly<Record<string, unknown>>): Compiled {
  const weight = weightOf(schema, smallWork);
  const make = (): CheckArguments => compileCheck(parseSchema(schema, { withFormats: false }));
  const made = weight < smallWork / 4 ? { value: make() } : within(checkMs, make);
  const known = made === undefined ? { check: () => [], weight: 0 } : { check: made.value, weight };
  compiled.set(schema, known);
  return known;
}

/** Parts of a value or a schema, counted no further than a little over `most`. */
function weightOf(root: unknown, most: number): number {
  const waiting: unknown[] = [root];
  let weight = 0;
  while (waiting.length > 0 && weight <= most) {
    const node = waiting.pop();
    weight++;
    if (typeof node !== 'object' || node === null) continue;
    for (const [name, value] of Object.entries(node)) {
      if (/pattern|ref|unique/i.test(name)) weight += heavyWeight;
      waiting.push(value);
    }
  }
  return weight;
}

/** All names that the schema gives to properties, wherever they stand; of a very large one those that come first. */
function propertyNames(schema: unknown): Set<string> {
  const names = new Set<string>();
  const waiting: unknown[] = [schema];
  for (let at = 0; at < waiting.length && at < smallWork; at++) {
    const node = waiting[at];
    if (typeof node !== 'object' || node === null) continue;
    const { properties } = node as { properties?: unknown };
    if (isJsonObject(properties)) for (const name of Object.keys(properties)) names.add(name);
    if (waiting.length < smallWork) waiting.push(...Object.values(node).slice(0, smallWork));
  }
  return names;
}
