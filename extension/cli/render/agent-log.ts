// Draws the agent's JSON log lines for a person who runs it in a terminal; other lines pass as they are, cleaned.
import { readAgentLogLine } from '../../local/agent-log-line.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { timeText } from './date-text.ts';
import type { View } from './view.ts';

export function renderLogLine(line: string, view: View): string {
  const { colors } = view;
  const parsed = readAgentLogLine(line);
  if (parsed === undefined) return cleanLine(line);
  const { time, level, message } = parsed;
  const { agent: _, ...fields } = parsed.fields;
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
