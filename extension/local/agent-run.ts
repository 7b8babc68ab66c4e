// One run of the agent from its start to its end, and what its log says on the way: when it is ready, why it failed.
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { redact } from '../../shared/redaction.ts';
import { startAgentChild, type AgentExit } from './agent-child.ts';
import { readAgentLogLine } from './agent-log-line.ts';

export interface AgentRunOptions {
  program: string;
  env: NodeJS.ProcessEnv;
  /** One line of its log, redacted. */
  onLog: (line: string) => void;
  /** Longest wait for `ready`, in milliseconds. */
  readyTimeoutMs: number;
}

export interface AgentRun {
  readonly pid: number | undefined;
  /** Fulfilled when /readyz says ok; rejects with a RockBotError when it ends or stays unready before. */
  readonly ready: Promise<void>;
  readonly exited: Promise<AgentExit>;
  end(): void;
}

/** sysexits.h EX_CONFIG: starting it again would not help. */
export const configurationExit = 78;

const pollMs = 100;
const keptLines = 20;

export function startAgentRun({ program, env, onLog, readyTimeoutMs }: AgentRunOptions): AgentRun {
  const child = startAgentChild({ program, env, log: 'pipe' });
  const { pid, stderr, exited } = child;
  const problems: string[] = [];
  const over = new AbortController();
  const { promise: httpPort, resolve: foundPort } = withResolvers<number>();
  if (stderr !== null) {
    createInterface({ input: stderr }).on('line', (text) => {
      const line = redact(text);
      onLog(line);
      const { port, problem } = readLine(line);
      if (port !== undefined) foundPort(port);
      if (problem !== undefined && problems.push(problem) > keptLines) problems.shift();
    });
  }
  void exited.then((exit) => over.abort(endedEarly(exit, problems)));
  const timer = setTimeout(() => over.abort(notReady(readyTimeoutMs)), readyTimeoutMs);
  const ready = waitUntilReady(httpPort, over.signal).finally(() => clearTimeout(timer));
  // Whoever only waits for the end must not be told of it twice.
  ready.catch(() => undefined);
  return { pid, ready, exited, end: () => child.end() };
}

function readLine(line: string): { port?: number; problem?: string } {
  const entry = readAgentLogLine(line);
  // A configuration that is refused is told in plain text.
  if (entry === undefined) return line.trim() === '' ? {} : { problem: line };
  const { level, message, fields } = entry;
  const { httpPort, why } = fields;
  if (message === 'The agent is ready.') return typeof httpPort === 'number' ? { port: httpPort } : {};
  return level === 'error' ? { problem: typeof why === 'string' ? why : message } : {};
}

async function waitUntilReady(httpPort: Promise<number>, signal: AbortSignal): Promise<void> {
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const port = await Promise.race([httpPort, over]);
  while (!(await isReady(port, signal))) await systemClock.sleep(pollMs, signal);
}

function isReady(port: number, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/readyz', timeout: 2_000, signal }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}

function endedEarly({ code, signal }: AgentExit, problems: readonly string[]): RockBotError {
  const reason = problems.join(' ').slice(0, 600);
  return new RockBotError({
    code: code === configurationExit ? 'invalid_request' : 'server_unavailable',
    retryable: false,
    message: `The agent ended (${signal ?? `exit code ${code ?? 'unknown'}`})${reason === '' ? '.' : `: ${reason}`}`,
    action:
      code === configurationExit
        ? 'Correct the setting that the message names, then start the local agent again.'
        : 'Look at the log, then start the local agent again.',
  });
}

function notReady(readyTimeoutMs: number): RockBotError {
  return new RockBotError({
    code: 'server_unavailable',
    retryable: false,
    message: `The agent was not ready within ${readyTimeoutMs / 1000} s.`,
    action: 'Look at the log, then start the local agent again.',
  });
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  return { promise: new Promise<T>((settle) => (resolve = settle)), resolve };
}
