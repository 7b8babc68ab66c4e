// What a call is about in a few words of its arguments, to tell it from others in a list: paths first, then other texts. Pure.
import { credentialField } from '../../shared/elicitation/credential-field.ts';
import { cleanLine } from '../results/clean-text.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import { fieldLabel } from './field-label.ts';

const maxPart = 60;
const maxParts = 2;

/** One line; empty when nothing among the arguments says it. What may be a credential is never part of it. */
export function argumentHint(values: JsonObject): string {
  const members = Object.entries(values).filter(([name]) => credentialField([{ name }]) === undefined);
  const texts = members.flatMap(([, value]) => textOf(value));
  const paths = texts.filter((text) => text.startsWith('/'));
  const others = texts.filter((text) => !text.startsWith('/'));
  const parts = [...paths, ...others].slice(0, maxParts);
  if (parts.length > 0) return parts.join(' · ');
  return members
    .flatMap(([name, value]) =>
      typeof value === 'number' || typeof value === 'boolean'
        ? [`${fieldLabel(cleanLine(name))} ${String(value)}`]
        : [],
    )
    .slice(0, maxParts)
    .join(' · ');
}

function textOf(value: JsonValue): string[] {
  if (typeof value === 'string') return wordsOf(value);
  if (!isJsonArray(value) || isJsonObject(value)) return [];
  const [first, ...rest] = value;
  if (typeof first !== 'string') return [];
  return wordsOf(first).map((text) => (rest.length === 0 ? text : `${text} +${rest.length}`));
}

function wordsOf(text: string): string[] {
  const line = cleanLine(text.slice(0, 4 * maxPart));
  if (line === '') return [];
  return [line.length > maxPart ? `${line.slice(0, maxPart - 1)}…` : line];
}
