// Draws a value of no known shape as indented JSON; strings are cleaned, since JSON lets some control characters through.
import { cleanBlock } from '../../results/clean-text.ts';
import type { View } from './view.ts';

const maxLines = 2_000;

export function renderValue(value: unknown, { colors }: View): string[] {
  const text = JSON.stringify(value, undefined, 2) as string | undefined;
  if (text === undefined) return [];
  const lines = cleanBlock(text).split('\n');
  return [
    ...lines
      .slice(0, maxLines)
      .map((line) =>
        line.replace(
          /^(\s*)("(?:[^"\\]|\\.)*")(: )/,
          (_, space: string, key: string, colon: string) => `${space}${colors.cyan(key)}${colon}`,
        ),
      ),
    ...(lines.length > maxLines
      ? [colors.dim(`… ${lines.length - maxLines} more lines; use --json for all of it`)]
      : []),
  ];
}
