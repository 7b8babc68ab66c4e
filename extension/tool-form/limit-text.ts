// What a schema allows of a value, in few words, so that it is known before something wrong is typed. Pure.
import type { ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

/** Undefined without limits, and where the description names them already. */
export function limitText(schema: ToolSchema): string | undefined {
  const { description = '', minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const { minLength, maxLength, minItems, maxItems } = schema;
  const parts = [
    // One character or item is what "required" says.
    rangeText(minLength === 1 ? undefined : minLength, maxLength, 'character'),
    rangeText(minItems === 1 ? undefined : minItems, maxItems, 'item'),
    rangeText(minimum, maximum, ''),
    exclusiveMinimum === undefined ? undefined : `more than ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? undefined : `less than ${exclusiveMaximum}`,
    multipleOf === undefined || multipleOf === 1 ? undefined : `in steps of ${multipleOf}`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const text = parts.join(', ');
  const named = text.match(/\d+(?:\.\d+)?/g) ?? [];
  if (named.every((number) => new RegExp(`(?<!\\d)${number.replace('.', '\\.')}(?!\\d)`).test(description)))
    return undefined;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function rangeText(least: number | undefined, most: number | undefined, noun: string): string | undefined {
  const counted = (count: number): string =>
    noun === '' ? String(count) : `${count} ${noun}${count === 1 ? '' : 's'}`;
  if (least !== undefined && most !== undefined && least > 0 && noun !== '')
    return least === most ? counted(most) : `${least} to ${counted(most)}`;
  if (noun === '' && least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (most !== undefined) return `at most ${counted(most)}`;
  return least === undefined || (noun !== '' && least === 0) ? undefined : `at least ${counted(least)}`;
}
