// A validator's failure in plain words, at the field where a person can mend it.
import type { OutputUnit, Schema } from '@cfworker/json-schema';
import type { Problem } from './check-arguments.ts';
import { pointerOf } from './field-path.ts';
import { isJsonArray, isJsonObject, ownValue, type JsonObject, type JsonValue } from './json-value.ts';
import { decodePart } from './schema-at.ts';

export const requiredMessage = 'This is required.';

export function problemText(
  { keyword, instanceLocation }: OutputUnit,
  schema: Schema | undefined,
  values: JsonObject,
): readonly Problem[] {
  const path = instanceLocation.split('/').slice(1).map(decodePart);
  const value = lookUp(values, path);
  const pointer = pointerOf(path);
  if (keyword === 'required') {
    const missing = (schema?.required ?? []).filter((name) => !isJsonObject(value) || !Object.hasOwn(value, name));
    return missing.map((name) => ({ pointer: pointerOf([...path, name]), message: requiredMessage }));
  }
  if (keyword === 'dependentRequired') return dependents(path, value, schema);
  if (keyword === 'false') return [{ pointer, message: 'The tool does not take this.' }];
  return [{ pointer, message: sentence(keyword, value, schema ?? {}) }];
}

function sentence(keyword: string, value: JsonValue | undefined, schema: Schema): string {
  switch (keyword) {
    case 'type':
      return `This has to be ${typeText([schema.type ?? []].flat())}.`;
    case 'enum':
      return allowedText(schema.enum as readonly JsonValue[] | undefined);
    case 'const':
      return `This has to be ${short(schema.const as JsonValue)}.`;
    case 'minLength':
      return schema.minLength === 1
        ? 'This may not be empty.'
        : `Enter at least ${schema.minLength} characters (now ${lengthOf(value)}).`;
    case 'maxLength':
      return `Enter at most ${characters(schema.maxLength)} (now ${lengthOf(value)}).`;
    case 'pattern':
      return `This does not have the form the tool expects: ${(schema.pattern ?? '').slice(0, 120)}`;
    case 'format':
      return formatText(schema.format);
    case 'minimum':
      return `Enter ${schema.minimum} or more.`;
    case 'maximum':
      return `Enter ${schema.maximum} or less.`;
    case 'exclusiveMinimum':
      return `Enter more than ${Number(schema.exclusiveMinimum)}.`;
    case 'exclusiveMaximum':
      return `Enter less than ${Number(schema.exclusiveMaximum)}.`;
    case 'multipleOf':
      return `Enter a multiple of ${schema.multipleOf}.`;
    case 'minItems':
      return `Give at least ${items(schema.minItems)}.`;
    case 'maxItems':
      return `Give at most ${items(schema.maxItems)}.`;
    case 'uniqueItems':
      return 'No item may be there twice.';
    case 'contains':
    case 'minContains':
    case 'maxContains':
      return 'These items are not those the tool expects.';
    case 'minProperties':
      return `Give at least ${schema.minProperties} of these.`;
    case 'maxProperties':
      return `Give at most ${schema.maxProperties} of these.`;
    case 'propertyNames':
      return 'A name here is not one the tool takes.';
    case 'anyOf':
    case 'oneOf':
      return 'This is in none of the forms the tool takes, or in several at once.';
    case 'not':
      return 'The tool does not take this value.';
    default:
      return "This does not fit the tool's schema.";
  }
}

function dependents(path: readonly string[], value: JsonValue | undefined, schema: Schema | undefined): Problem[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(schema?.dependentRequired ?? {}).flatMap(([name, wanted]) =>
    Object.hasOwn(value, name)
      ? wanted
          .filter((other) => !Object.hasOwn(value, other))
          .map((other) => ({ pointer: pointerOf([...path, other]), message: `This is required beside "${name}".` }))
      : [],
  );
}

function formatText(format: string | undefined): string {
  switch (format) {
    case 'date':
      return 'Enter a date such as 2026-05-31.';
    case 'date-time':
      return 'Enter a date and time with its zone, such as 2026-05-31T09:30:00Z.';
    case 'time':
      return 'Enter a time with its zone, such as 09:30:00Z.';
    case 'duration':
      return 'Enter a duration such as PT30M or P1D.';
    case 'email':
      return 'Enter an e-mail address such as name@example.com.';
    case 'uri':
      return 'Enter a whole address such as https://example.com/page.';
    case 'uuid':
      return 'Enter an id such as 123e4567-e89b-12d3-a456-426614174000.';
    case 'hostname':
      return 'Enter a host name such as server.example.com.';
    case 'ipv4':
      return 'Enter an IPv4 address such as 192.0.2.10.';
    case 'ipv6':
      return 'Enter an IPv6 address such as 2001:db8::1.';
    default:
      return `This is no valid ${format ?? 'value'}.`;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'yes or no',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

function typeText(types: readonly string[]): string {
  const words = types.map((type) => typeWords[type] ?? type);
  return words.length === 0 ? 'something else' : words.join(' or ');
}

function allowedText(values: readonly JsonValue[] | undefined): string {
  if (values === undefined || values.length > 8) return 'Choose one of the offered values.';
  return `Choose one of: ${values.map(short).join(', ')}.`;
}

function characters(count: number | undefined): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

function items(count: number | undefined): string {
  return count === 1 ? '1 item' : `${count} items`;
}

/** As the validator counts: code points. */
function lengthOf(value: JsonValue | undefined): number {
  return typeof value === 'string' ? Array.from(value).length : 0;
}

function short(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

function lookUp(values: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = values;
  for (const part of path) {
    if (isJsonArray(value)) value = value[Number(part)];
    else value = isJsonObject(value) ? ownValue(value, part) : undefined;
  }
  return value;
}
