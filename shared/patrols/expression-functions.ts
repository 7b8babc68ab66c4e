// The functions of expressions beside those of JMESPath: time, and JMESPath's own where the library's are wrong or unbounded.
import {
  TYPE_ARRAY,
  TYPE_ARRAY_NUMBER,
  TYPE_ARRAY_STRING,
  TYPE_EXPREF,
  TYPE_NUMBER,
  TYPE_STRING,
  type FunctionSignature,
  type InputSignature,
  type JSONValue,
} from '@jmespath-community/jmespath';
import type { DateTime } from 'luxon';
import {
  checkZone,
  ExpressionProblem,
  formatted,
  instantText,
  readInstant,
  readUnit,
  shift,
} from './expression-time.ts';
import type { WorkBudget } from './work-budget.ts';

export interface FunctionContext {
  /** Milliseconds since the epoch; the same for a whole run. */
  now: number;
  /** IANA; of the patrol. */
  timeZone: string;
  /** Of the run that the expression is a part of. */
  work?: WorkBudget;
}

/** Characters that one function may put together. */
export const maxTextLength = 1_000_000;

const text: InputSignature = { types: [TYPE_STRING] };
const optionalText: InputSignature = { types: [TYPE_STRING], optional: true };

type Call<Arguments extends unknown[]> = (values: Arguments) => JSONValue;

function define<Arguments extends unknown[]>(signature: InputSignature[], call: Call<Arguments>): FunctionSignature {
  return { _func: call as FunctionSignature['_func'], _signature: signature };
}

export function createFunctions({ now, timeZone }: FunctionContext): Record<string, FunctionSignature> {
  const at = (instant: string, zone: string = timeZone): DateTime => readInstant(instant, zone);
  const current = instantText(at(new Date(now).toISOString()));
  return {
    now: define([], () => current),
    today: define([optionalText], ([zone]: [string?]) => at(current, zone).toISODate()),
    plus: define([text, text, optionalText], ([time, amount, zone]: [string, string, string?]) =>
      instantText(shift(at(time, zone), amount, 1)),
    ),
    minus: define([text, text, optionalText], ([time, amount, zone]: [string, string, string?]) =>
      instantText(shift(at(time, zone), amount, -1)),
    ),
    startOf: define([text, text, optionalText], ([time, unit, zone]: [string, string, string?]) =>
      instantText(at(time, zone).startOf(readUnit(unit))),
    ),
    /** The beginning of the next one, so that nothing falls between two of them. */
    endOf: define([text, text, optionalText], ([time, unit, zone]: [string, string, string?]) => {
      const start = at(time, zone).startOf(readUnit(unit));
      return instantText(start.plus({ [`${unit}s`]: 1 }).startOf(readUnit(unit)));
    }),
    inZone: define([text, text], ([time, zone]: [string, string]) => {
      checkZone(zone);
      return at(time).setZone(zone).toISO({ suppressMilliseconds: true });
    }),
    format: define([text, text, optionalText], ([time, pattern, zone]: [string, string, string?]) =>
      formatted(at(time, zone), pattern),
    ),
    iso: define([text, optionalText], ([time, zone]: [string, string?]) => instantText(at(time, zone))),
    before: define([text, text], ([left, right]: [string, string]) => at(left).toMillis() < at(right).toMillis()),
    after: define([text, text], ([left, right]: [string, string]) => at(left).toMillis() > at(right).toMillis()),
    /** For what becomes a part of an address: it can then neither end its segment nor add a parameter. */
    encodeUri: define([text], ([value]: [string]) => {
      // Dots stay dots in every encoding of them.
      if (/^\.{1,2}$/.test(value)) throw new ExpressionProblem(`"${value}" cannot be a part of an address`);
      return encodeURIComponent(value.toWellFormed());
    }),
    ...corrections,
  };
}

/** The library sorts numbers as texts, trims in quadratic time, groups into objects that have a prototype, and builds texts of any length. */
const corrections: Record<string, FunctionSignature> = {
  sort: define([{ types: [TYPE_ARRAY_STRING, TYPE_ARRAY_NUMBER] }], ([list]: [(string | number)[]]) =>
    [...list].sort((left, right) =>
      typeof left === 'number' && typeof right === 'number' ? left - right : left < right ? -1 : left > right ? 1 : 0,
    ),
  ),
  max: define([{ types: [TYPE_ARRAY_STRING, TYPE_ARRAY_NUMBER] }], ([list]: [(string | number)[]]) =>
    list.reduce<string | number | null>((best, item) => (best === null || item > best ? item : best), null),
  ),
  min: define([{ types: [TYPE_ARRAY_STRING, TYPE_ARRAY_NUMBER] }], ([list]: [(string | number)[]]) =>
    list.reduce<string | number | null>((best, item) => (best === null || item < best ? item : best), null),
  ),
  trim: define([text, optionalText], ([value, characters]: [string, string?]) => trimmed(value, characters)),
  trim_left: define([text, optionalText], ([value, characters]: [string, string?]) =>
    trimmed(value, characters, { right: false }),
  ),
  trim_right: define([text, optionalText], ([value, characters]: [string, string?]) =>
    trimmed(value, characters, { left: false }),
  ),
  join: define([text, { types: [TYPE_ARRAY_STRING] }], ([separator, list]: [string, string[]]) => {
    checkLength(list.reduce((sum, item) => sum + item.length + separator.length, 0));
    return list.join(separator);
  }),
  replace: define([text, text, text, { types: [TYPE_NUMBER], optional: true }], replaced),
  pad_left: define([text, { types: [TYPE_NUMBER] }, optionalText], ([value, width, pad]: [string, number, string?]) =>
    value.padStart(checkLength(width), onePad(pad)),
  ),
  pad_right: define([text, { types: [TYPE_NUMBER] }, optionalText], ([value, width, pad]: [string, number, string?]) =>
    value.padEnd(checkLength(width), onePad(pad)),
  ),
  reverse: define([{ types: [TYPE_STRING, TYPE_ARRAY] }], ([value]: [string | JSONValue[]]) =>
    typeof value === 'string' ? Array.from(value).reverse().join('') : [...value].reverse(),
  ),
  zip: define([{ types: [TYPE_ARRAY] }, { types: [TYPE_ARRAY], variadic: true }], (lists: JSONValue[][]) =>
    Array.from({ length: Math.min(...lists.map(({ length }) => length)) }, (_, index) =>
      lists.map((list) => list[index] ?? null),
    ),
  ),
};

/** `group_by` needs the interpreter for its expression. */
export const groupBySignature: InputSignature[] = [{ types: [TYPE_ARRAY] }, { types: [TYPE_EXPREF] }];

function checkLength(length: number): number {
  if (Number.isInteger(length) && length >= 0 && length <= maxTextLength) return length;
  throw new ExpressionProblem(`a text may have ${maxTextLength} characters`);
}

function onePad(pad = ' '): string {
  if (pad.length === 1) return pad;
  throw new ExpressionProblem('the padding must be a single character');
}

function replaced([value, search, by, count]: [string, string, string, number?]): string {
  const pieces = value.split(search);
  const times = Math.min(pieces.length - 1, count ?? Infinity);
  if (!(times >= 0)) throw new ExpressionProblem('replace takes a number of times from 0');
  checkLength(value.length + times * by.length);
  const head = pieces.slice(0, Math.floor(times) + 1);
  const rest = pieces.slice(Math.floor(times) + 1);
  return [head.join(by), ...rest].join(search);
}

function trimmed(value: string, characters?: string, { left = true, right = true } = {}): string {
  const isTrimmed = (character: string): boolean =>
    characters === undefined || characters === '' ? /[\s\u0085]/.test(character) : characters.includes(character);
  let start = 0;
  let end = value.length;
  if (left) while (start < end && isTrimmed(value.charAt(start))) start++;
  if (right) while (end > start && isTrimmed(value.charAt(end - 1))) end--;
  return value.slice(start, end);
}
