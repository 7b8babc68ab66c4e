// Checks what goes to a tool and what comes from it against the schemas its server gave. Loaded with the first call that needs it.
import { compileCheck, type CheckArguments } from '../../shared/tool-schema/check-arguments.ts';
import { partsOf, placeText } from '../../shared/tool-schema/field-path.ts';
import { isJsonObject } from '../../shared/tool-schema/json-value.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';

/** Problems that are told; one mistake often makes many. */
const maxTold = 8;
/** Compiled once per schema; a list of tools that comes anew brings new ones. */
const compiled = new WeakMap<object, CheckArguments>();

/**
 * Each problem with its place and in plain words, such as `entityUrls: This is required.`; none when the schema cannot be
 * used, since the server is the judge then.
 */
export function schemaProblems(value: unknown, schema: Readonly<Record<string, unknown>>): string[] {
  if (!isJsonObject(value)) return ['This must be an object.'];
  let check = compiled.get(schema);
  if (check === undefined) {
    check = compileCheck(parseSchema(schema, { withFormats: false }));
    compiled.set(schema, check);
  }
  return check(value)
    .slice(0, maxTold)
    .map(({ pointer, message }) => (pointer === '' ? message : `${placeText(partsOf(pointer))}: ${message}`));
}
