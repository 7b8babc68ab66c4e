// Where the command line writes: results on stdout, talk on stdout or (with --json) stderr, waiting on stderr.
import pc from 'picocolors';
import { createSpinner, type Spinner } from './spinner.ts';
import type { Colors, View } from './render/view.ts';

/** What is used of a stream; process.stdout and process.stderr have it. */
export interface OutputStream {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): boolean;
}

export interface Output {
  readonly isJson: boolean;
  /** Whether a person reads stderr on a terminal. */
  readonly isPerson: boolean;
  /** For drawing on stdout. */
  readonly view: View;
  /** For stderr. */
  readonly noteColors: Colors;
  /** A JSON document on a line of its own; nothing without --json. */
  json(value: unknown): void;
  /** Lines of a result; nothing with --json, which then does not even draw them. */
  lines(lines: readonly string[] | (() => readonly string[])): void;
  /** A word to the person at the keyboard; with --json on stderr. */
  say(text: string): void;
  /** A remark or warning; always on stderr. */
  note(text: string): void;
  /** Shows that something is being waited for; nothing where stderr is no terminal. */
  wait(text: string): Spinner;
}

const pipeWidth = 160;

export function createOutput(options: {
  stdout: OutputStream;
  stderr: OutputStream;
  json: boolean;
  env: NodeJS.ProcessEnv;
  now?: () => number;
}): Output {
  const { stdout, stderr, json, env, now = Date.now } = options;
  const outColors = pc.createColors(hasColors(stdout, env));
  const noteColors = pc.createColors(hasColors(stderr, env));
  let spinner: Spinner | undefined;
  const put = (stream: OutputStream, text: string): void => {
    spinner?.pause();
    stream.write(`${text}\n`);
  };
  return {
    isJson: json,
    isPerson: !json && isTerminal(stderr, env),
    noteColors,
    get view() {
      const width = stdout.isTTY ? (stdout.columns ?? 80) : Number(env['COLUMNS']) || pipeWidth;
      return {
        width: Math.max(40, width),
        colors: outColors,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        now: now(),
      };
    },
    json: (value) => {
      if (json) put(stdout, safeJson(value));
    },
    lines: (given) => {
      if (json) return;
      const lines = typeof given === 'function' ? given() : given;
      if (lines.length > 0) put(stdout, lines.join('\n'));
    },
    say: (text) => put(json ? stderr : stdout, text),
    note: (text) => put(stderr, text),
    wait: (text) => {
      spinner?.stop();
      spinner = createSpinner({ stream: stderr, text, colors: noteColors, isEnabled: isTerminal(stderr, env) });
      return spinner;
    },
  };
}

/** JSON on one line, with the characters escaped that JSON allows but a terminal would obey. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    // The last are the invisible tag characters, as UTF-16 has them.
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\udb40[\udc00-\udc7f]/g,
    (characters) =>
      [...Array(characters.length).keys()]
        .map((index) => `\\u${characters.charCodeAt(index).toString(16).padStart(4, '0')}`)
        .join(''),
  );
}

/** https://no-color.org/ */
export function hasColors(stream: OutputStream, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return isTerminal(stream, env);
}

function isTerminal(stream: OutputStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
