// The words of a row of the JSON tree: escapes make visible what would otherwise act on the reader; long text is cut.
import { scalarText } from './json-text.ts';
import { sizeOf } from './json-tree.ts';

const maxText = 300;
const maxPreview = 100;
const longText = 60;

// Control characters, direction marks, invisible ones: everything that reads other than it is.
const unseen =
  // eslint-disable-next-line no-control-regex
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

/** As JSON has it, with more escapes than JSON needs. */
export function stringLabel(text: string): string {
  const quoted = JSON.stringify(text.slice(0, maxText));
  return escapeUnseen(text.length > maxText ? `${quoted.slice(0, -1)}…"` : quoted);
}

export function keyLabel(key: string): string {
  const plain = key.slice(0, maxText);
  const isPlain = /^[\w$@.#-]+$/.test(plain);
  return isPlain ? plain : stringLabel(key);
}

export function scalarLabel(value: unknown): string {
  if (typeof value === 'string') return stringLabel(value);
  // It came from a number larger than numbers can be here.
  if (value === Infinity || value === -Infinity) return value > 0 ? '∞' : '-∞';
  return scalarText(value);
}

/** Whether a row is too short for it, however wide the page is. */
export function isLong(value: unknown): value is string {
  return typeof value === 'string' && (value.length > longText || value.includes('\n'));
}

/** What is inside of a closed list or object: `{ id: "1", subject: "…" }`. */
export function preview(value: object): string {
  const isArray = Array.isArray(value);
  const keys = isArray ? [] : Object.keys(value);
  const size = isArray ? value.length : keys.length;
  if (size === 0) return isArray ? '[]' : '{}';
  const parts: string[] = [];
  let length = 0;
  for (let index = 0; index < Math.min(size, 12) && length < maxPreview; index += 1) {
    const key = keys[index] ?? '';
    const member: unknown = isArray ? value[index] : (value as Record<string, unknown>)[key];
    const part = `${isArray ? '' : `${keyLabel(key.slice(0, 40))}: `}${memberPreview(member)}`;
    parts.push(part);
    length += part.length;
  }
  const inside = parts.join(', ').slice(0, maxPreview * 2);
  const rest = parts.length < size ? ', …' : '';
  return isArray ? `[${inside}${rest}]` : `{ ${inside}${rest} }`;
}

/** "3 items" or "5 fields". */
export function sizeLabel(value: object): string {
  const size = sizeOf(value);
  const noun = Array.isArray(value) ? 'item' : 'field';
  return `${size.toLocaleString('en')} ${noun}${size === 1 ? '' : 's'}`;
}

function memberPreview(member: unknown): string {
  if (typeof member === 'string') return stringLabel(member.length > 40 ? `${member.slice(0, 40)}…` : member);
  if (typeof member !== 'object' || member === null) return scalarLabel(member);
  return Array.isArray(member) ? `[${member.length === 0 ? '' : '…'}]` : '{…}';
}

function escapeUnseen(text: string): string {
  return text
    .toWellFormed()
    .replace(unseen, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
