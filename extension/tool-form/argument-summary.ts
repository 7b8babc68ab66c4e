// Arguments in a few readable lines, for the question whether a tool that can change things should run: what is nested, also
// as JSON in a text, is told by its place, so that a person sees a recipient as a recipient.
import { cleanLine } from '../results/clean-text.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import { fieldLabel } from './field-label.ts';

const maxLines = 10;
const maxValue = 160;
const maxName = 60;
const maxDepth = 6;
/** Of a list. */
const maxItems = 3;
/** Longer texts are told as texts, whatever they hold. */
const maxJson = 20_000;

interface Line {
  /** Names from the outermost to the value's own. */
  readonly place: readonly string[];
  readonly text: string;
}

export function argumentSummary(values: JsonObject): string {
  const lines = Object.entries(values).flatMap(([name, value]) => linesOf(value, [name], maxDepth));
  if (lines.length === 0) return 'Without arguments.';
  const shown = lines.slice(0, maxLines).map(({ place, text }) => `${placeText(place)}: ${text}`);
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** `depth`: how many levels may still be gone into. */
function linesOf(given: JsonValue, place: readonly string[], depth: number): Line[] {
  const value = unpacked(given);
  if (isJsonArray(value)) return [{ place, text: listText(value, depth) }];
  if (!isJsonObject(value)) return [{ place, text: scalarText(value) }];
  const members = Object.entries(value);
  if (members.length === 0) return [{ place, text: 'nothing' }];
  if (depth === 0) return [{ place, text: members.length === 1 ? '1 field' : `${members.length} fields` }];
  return members.flatMap(([name, member]) => linesOf(member, [...place, name], depth - 1));
}

/** The two innermost names tell what a value is; the outer ones are mostly wrapping. */
function placeText(place: readonly string[]): string {
  return place
    .slice(-2)
    .map((name) => fieldLabel(cleanLine(name.slice(0, maxName))))
    .join(' › ');
}

function listText(items: readonly JsonValue[], depth: number): string {
  if (items.length === 0) return 'none';
  const texts = items.slice(0, maxItems).map((item) => itemText(unpacked(item), depth - 1));
  const known = texts.filter((text) => text !== undefined);
  if (known.length < texts.length) return items.length === 1 ? '1 item' : `${items.length} items`;
  return `${known.join(', ')}${items.length > maxItems ? ` and ${items.length - maxItems} more` : ''}`;
}

/** A thing of few words, such as a recipient, by these words; undefined for a larger one. */
function itemText(item: JsonValue, depth: number): string | undefined {
  if (!isJsonObject(item) && !isJsonArray(item)) return scalarText(item);
  if (isJsonArray(item) || depth <= 0) return undefined;
  const lines = linesOf(item, [], depth);
  return lines.length === 1 || lines.length === 2 ? lines.map(({ text }) => text).join(' ') : undefined;
}

function scalarText(value: string | number | boolean | null): string {
  if (value === null || value === '') return 'empty';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = String(value);
  const line = cleanLine(text.slice(0, 4 * maxValue));
  if (line.length <= maxValue && text.length <= 4 * maxValue) return line;
  return `${line.slice(0, maxValue)}… (${text.length} characters)`;
}

/** Tools take bodies of requests as texts. */
function unpacked(value: JsonValue): JsonValue {
  if (typeof value !== 'string' || value.length > maxJson || !/^\s*[{[]/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) || isJsonArray(parsed) ? parsed : value;
  } catch {
    return value;
  }
}
