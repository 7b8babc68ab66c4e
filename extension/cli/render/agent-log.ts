// Draws the agent's JSON log lines for a person who runs it in a terminal; other lines pass as they are, cleaned.
import { z } from 'zod';
import { cleanLine } from '../../results/clean-text.ts';
import { timeText } from './date-text.ts';
import type { View } from './view.ts';

const lineSchema = z.looseObject({ time: z.string(), level: z.string(), message: z.string() });

export function renderLogLine(line: string, view: View): string {
  const { colors } = view;
  const parsed = parse(line);
  if (parsed === undefined) return cleanLine(line);
  const { time, level, message, agent: _, ...fields } = parsed;
  const instant = Date.parse(time);
  const color = { error: colors.red, warn: colors.yellow, debug: colors.dim }[level] ?? ((text: string) => text);
  const details = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  return [
    colors.dim(Number.isFinite(instant) ? timeText(instant, view) : '--:--'),
    color(cleanLine(message)),
    colors.dim(cleanLine(details)),
  ]
    .join(' ')
    .trimEnd();
}

function parse(line: string): z.infer<typeof lineSchema> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
