// The log as the extension's parts see it, and what one of its lines holds: one redacted line of text; pure.
import { redact, redactValue } from '../shared/redaction.ts';
import { cleanLine } from './results/clean-text.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

export type Logger = Record<LogLevel, (message: string, fields?: Record<string, unknown>) => void>;

/** Longest line in characters; a tool's answer in an error is not the log's business. */
const longest = 4_000;

/** `message key=value …` on one line, without credentials. */
export function logText(message: string, fields: Record<string, unknown> = {}): string {
  const clean = redactValue(fields) as Record<string, unknown>;
  const details = Object.entries(clean)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${key}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`,
    );
  const text = [redact(message), ...details].join(' ');
  const line = cleanLine(text);
  return line.length > longest ? `${line.slice(0, longest)} …` : line;
}

/** The last lines of a log, for the diagnostics. */
export class RecentLines {
  readonly #lines: string[] = [];
  readonly #most: number;

  constructor({ most }: { most: number }) {
    this.#most = most;
  }

  add(line: string): void {
    if (this.#lines.push(line) > this.#most) this.#lines.shift();
  }

  get all(): readonly string[] {
    return this.#lines;
  }
}
