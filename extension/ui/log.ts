// The log channel "RockBot", with VS Code's own levels and times; every line passes the same redaction.
import { window, type Disposable } from 'vscode';
import { readAgentLogLine } from '../local/agent-log-line.ts';
import { logText, RecentLines, type Logger, type LogLevel } from '../logger.ts';

export interface Log extends Logger, Disposable {
  /** Opens the channel. */
  show(): void;
  /** The last lines of level info and above, oldest first, with time and level. */
  recentLines(): readonly string[];
  /** One line of a local agent's own log. */
  agentLine(line: string): void;
}

const keptLines = 200;

export function createLog(): Log {
  const channel = window.createOutputChannel('RockBot', { log: true });
  const recent = new RecentLines({ most: keptLines });
  const at =
    (level: LogLevel): Logger[LogLevel] =>
    (message, fields) => {
      const line = logText(message, fields);
      channel[level](line);
      if (level !== 'debug') recent.add(`${new Date().toISOString()} [${level}] ${line}`);
    };
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    show: () => channel.show(),
    recentLines: () => recent.all,
    agentLine(text) {
      const line = readAgentLogLine(text);
      if (line === undefined) {
        if (text.trim() !== '') log.warn(`agent: ${text}`);
        return;
      }
      const { agent: _, ...fields } = line.fields;
      const level = line.level === 'debug' || line.level === 'warn' || line.level === 'error' ? line.level : 'info';
      log[level](`agent: ${line.message}`, fields);
    },
    dispose: () => channel.dispose(),
  };
  return log;
}
