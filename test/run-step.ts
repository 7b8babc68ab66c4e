// Runs one command and prints a line about it, and its output only when it fails.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Step {
  name: string;
  /** A program of node_modules/.bin, or `node`. */
  command: string;
  args: readonly string[];
}

/** True when the command succeeded. */
export function runStep({ name, command, args }: Step): Promise<boolean> {
  const started = performance.now();
  const program = command === 'node' ? process.execPath : join('node_modules', '.bin', command);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.log(`FAIL ${name}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (code !== 0) console.log(output.join(''));
      resolve(code === 0);
    });
  });
}
