// Passes on what an MCP server logs (MCP 2025-06-18, server/utilities/logging) to the agent's own log: cleaned, bounded in
// length and in number.
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { plainLine } from '../../shared/plain-text.ts';
import type { Logger, LogLevel } from '../logger.ts';

export interface ServerLogOptions {
  server: string;
  logger: Logger;
  clock: Clock;
  /** Takes out what no words of the server may repeat. */
  mask: (text: string) => string;
}

const levels = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  alert: 'error',
  emergency: 'error',
} as const satisfies Record<string, LogLevel>;

/** The level that a server is asked to log from, for each level of the agent's own log. */
export const wantedLevels = { debug: 'debug', info: 'info', warn: 'warning', error: 'error' } as const satisfies Record<
  LogLevel,
  keyof typeof levels
>;

const messageSchema = z.looseObject({
  level: z.enum(Object.keys(levels) as [keyof typeof levels, ...(keyof typeof levels)[]]),
  logger: z.string().optional(),
  data: z.unknown(),
});

const textLength = 2_000;
/** So many lines of one server are logged in that many milliseconds. */
const maxLines = 100;
const windowMs = 10_000;

export class ServerLog {
  readonly #options: ServerLogOptions;
  #windowStart = 0;
  #lines = 0;
  #dropped = 0;
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ServerLogOptions) {
    this.#options = options;
  }

  /** `params` of `notifications/message`; a malformed one is left out. */
  heard(params: unknown): void {
    const parsed = messageSchema.safeParse(params);
    if (!parsed.success) return;
    const { server, logger, clock, mask } = this.#options;
    if (clock.now() - this.#windowStart >= windowMs) this.#newWindow();
    if (++this.#lines > maxLines) {
      this.#drop();
      return;
    }
    const { level, logger: from, data } = parsed.data;
    logger[levels[level]]('A server logs.', {
      server,
      ...(from !== undefined && { from: plainLine(mask(from), 100) }),
      said: plainLine(mask(textOf(data)), textLength),
    });
  }

  close(): void {
    this.#tell();
  }

  #drop(): void {
    this.#dropped++;
    this.#telling ??= setTimeout(() => {
      this.#tell();
    }, windowMs).unref();
  }

  #newWindow(): void {
    this.#tell();
    this.#windowStart = this.#options.clock.now();
    this.#lines = 0;
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    if (this.#dropped === 0) return;
    const { server, logger } = this.#options;
    logger.warn('A server logs more than is kept.', { server, dropped: this.#dropped });
    this.#dropped = 0;
  }
}

function textOf(data: unknown): string {
  return typeof data === 'string' ? data : (JSON.stringify(data) ?? '');
}
