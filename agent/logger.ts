// JSON lines on stderr, each through the same redaction.
import { redact, redactValue } from '../shared/redaction.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

export type Logger = Record<LogLevel, (message: string, fields?: Record<string, unknown>) => void>;

export interface LoggerOptions {
  level: LogLevel;
  /** Members of every line. */
  fields?: Record<string, unknown>;
  write?: (line: string) => void;
}

export function createLogger({
  level,
  fields = {},
  write = (line) => void process.stderr.write(line),
}: LoggerOptions): Logger {
  const threshold = logLevels.indexOf(level);
  const at =
    (index: number, name: LogLevel): Logger[LogLevel] =>
    (message, more = {}) => {
      if (index < threshold) return;
      const line = {
        time: new Date().toISOString(),
        level: name,
        message: redact(message),
        ...fields,
        ...(redactValue(more) as object),
      };
      write(`${JSON.stringify(line)}\n`);
    };
  return { debug: at(0, 'debug'), info: at(1, 'info'), warn: at(2, 'warn'), error: at(3, 'error') };
}
