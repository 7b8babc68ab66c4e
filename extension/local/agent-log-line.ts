// Reads one line of the agent's log, which is JSON except for the list of what is wrong with its configuration; pure.
import * as z from 'zod';

const lineSchema = z.looseObject({ time: z.string(), level: z.string(), message: z.string() });

export interface AgentLogLine {
  /** ISO 8601. */
  time: string;
  /** `debug`, `info`, `warn` or `error`. */
  level: string;
  message: string;
  fields: Record<string, unknown>;
}

/** Undefined for a line that is plain text. */
export function readAgentLogLine(line: string): AgentLogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line)).data;
    if (parsed === undefined) return undefined;
    const { time, level, message, ...fields } = parsed;
    return { time, level, message, fields };
  } catch {
    return undefined;
  }
}
