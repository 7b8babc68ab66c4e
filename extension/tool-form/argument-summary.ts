// Arguments in a few short lines, for the question whether a tool that can change things should run.
import { cleanLine } from '../results/clean-text.ts';
import { fieldLabel } from './field-label.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';

const maxLines = 8;
/** Long enough for the recipients in a body that is JSON. */
const maxValue = 240;

export function argumentSummary(values: JsonObject): string {
  const given = Object.entries(values);
  if (given.length === 0) return 'Without arguments.';
  const lines = given
    .slice(0, maxLines)
    .map(([name, value]) => `${fieldLabel(cleanLine(name.slice(0, maxValue)))}: ${valueText(value)}`);
  const more = given.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function valueText(value: JsonValue): string {
  if (isJsonArray(value)) {
    if (value.length === 0) return 'none';
    if (value.some((item) => isJsonArray(item) || isJsonObject(item)))
      return value.length === 1 ? '1 item' : `${value.length} items`;
    const shown = value.slice(0, 3).map(valueText).join(', ');
    return value.length > 3 ? `${shown} and ${value.length - 3} more` : shown;
  }
  if (isJsonObject(value)) return clip(JSON.stringify(value));
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return clip(String(value));
}

function clip(text: string): string {
  const line = cleanLine(text.slice(0, 4 * maxValue));
  if (line.length <= maxValue && text.length <= 4 * maxValue) return line;
  return `${line.slice(0, maxValue)}… (${text.length} characters)`;
}
