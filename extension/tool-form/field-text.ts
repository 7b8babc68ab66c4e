// Between the text in an input and the value it stands for, both ways, for each kind of field.
import type { ChoiceField, JsonField, LeafField, NumberField } from './form-field.ts';
import { isJsonArray, isJsonObject, sameJson, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import { isExact, parseJsonText } from './parse-json-text.ts';

export type Reading =
  | { readonly value: JsonValue }
  /** Nothing was entered. */
  | { readonly empty: true }
  /** What has to change before this is a value. */
  | { readonly problem: string };

export function readText(field: LeafField, text: string): Reading {
  switch (field.kind) {
    case 'text':
      return text === '' ? { empty: true } : { value: text };
    case 'number':
      return readNumber(field, text);
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { empty: true };
    case 'choice':
      return readChoice(field, text);
    case 'constant':
      return { value: field.value };
    case 'json':
      return readJson(field, text);
  }
}

export function writeText(field: LeafField, value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (field.kind === 'json') return JSON.stringify(value, null, 2);
  if (value === null) return '';
  if (field.kind === 'choice') return field.options.find((option) => sameJson(option.value, value))?.label ?? '';
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

function readNumber({ isInteger }: NumberField, text: string): Reading {
  const trimmed = text.trim();
  if (trimmed === '') return { empty: true };
  // A comma is how many people write the decimal point; with digits grouped by it the number would be another one.
  if (/^[+-]?\d+,\d+$/.test(trimmed)) return { problem: 'Write the decimal point as a point, such as 1.5.' };
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (Number.isNaN(value)) return { problem: isInteger ? 'Enter a whole number.' : 'Enter a number.' };
  if (isInteger && !Number.isInteger(value)) return { problem: 'Enter a whole number.' };
  if (!isExact(value, trimmed)) return { problem: 'This number is too large to be sent exactly.' };
  return { value };
}

function readChoice({ options }: ChoiceField, text: string): Reading {
  if (text === '') return { empty: true };
  const exact = options.find(({ label }) => label === text);
  const found = exact ?? options.find(({ label }) => label.toLowerCase() === text.trim().toLowerCase());
  return found === undefined ? { problem: 'Choose one of the offered values.' } : { value: found.value };
}

function readJson({ expects }: JsonField, text: string): Reading {
  if (text.trim() === '') return { empty: true };
  const reading = parseJsonText(text);
  if ('problem' in reading) return reading;
  if (expects === 'object' && !isJsonObject(reading.value) && reading.value !== null)
    return { problem: 'Enter a JSON object, such as {"name": "value"}.' };
  if (expects === 'array' && !isJsonArray(reading.value) && reading.value !== null)
    return { problem: 'Enter a JSON list, such as ["one", "two"].' };
  return reading;
}
