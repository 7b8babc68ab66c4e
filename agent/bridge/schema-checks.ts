// Checks what goes to a tool and what comes from it against the schemas its server gave. Loaded with the first call that needs it.
import { compileCheck, type CheckArguments } from '../../shared/tool-schema/check-arguments.ts';
import { partsOf, placeText } from '../../shared/tool-schema/field-path.ts';
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

/** Compiled once per schema; a list of tools that comes anew brings new ones. */
const compiled = new WeakMap<object, Compiled>();

/**
 * Each problem with its place and in plain words, such as `entityUrls: This is required.`; none when the schema cannot be
 * used, since the server is the judge then.
 */
export function schemaProblems(value: unknown, schema: Readonly<Record<string, unknown>>): string[] {
  if (!isJsonObject(value)) return ['This must be an object.'];
  const known = compiled.get(schema) ?? compile(schema);
  const isSmall = known.weight * weightOf(value, smallWork / known.weight) <= smallWork;
  const found = isSmall ? { value: known.check(value) } : within(checkMs, () => known.check(value));
  if (found === undefined) compiled.set(schema, { check: () => [], weight: 0 });
  return (found?.value ?? [])
    .slice(0, maxTold)
    .map(({ pointer, message }) => (pointer === '' ? message : `${placeText(partsOf(pointer))}: ${message}`));
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
