// The rockbot executable: signals, streams and the exit of the process; everything else is in run-cli.
import { Console } from 'node:console';
import { realpathSync } from 'node:fs';
import { redact } from '../../shared/redaction.ts';
import { version } from '../../shared/version.ts';
import { cancelledByUser } from './cli-errors.ts';
import { exitCodes } from './exit-code.ts';
import type { OutputStream } from './output.ts';

const { stdout, stderr, stdin } = process;
const controller = new AbortController();
let isStdoutClosed = false;

// Nothing but this program's own documents may come to stdout, whatever a library finds worth printing.
globalThis.console = new Console(stderr, stderr);

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // Whoever asks twice does not want to wait for a tidy end.
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    controller.abort(cancelledByUser());
  });
}
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  // "| head" has seen enough.
  isStdoutClosed = true;
  controller.abort(cancelledByUser());
});
stderr.on('error', () => undefined);
process.on('uncaughtException', (error) => {
  stderr.write(`${redact(`rockbot: ${error.name}: ${error.message}`)}\n`);
  process.exit(exitCodes.failed);
});

/** Complaints about a closed stdout are of no use to anybody. */
const quietStderr: OutputStream = {
  write: (text) => isStdoutClosed || stderr.write(text),
  get isTTY() {
    return stderr.isTTY;
  },
  get columns() {
    return stderr.columns;
  },
};

void main();

async function main(): Promise<void> {
  // Only now, so that Ctrl-C is heard while the rest is loaded.
  const { runCli } = await import('./run-cli.ts');
  const code = await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    platform: process.platform,
    stdin,
    stdout,
    stderr: quietStderr,
    signal: controller.signal,
    version,
    programPath: realpathSync(process.argv[1] ?? '.'),
  });
  const exit = (): void => process.exit(isStdoutClosed ? exitCodes.ok : code);
  // Pipes are written in the background.
  if (isStdoutClosed || stdout.destroyed) exit();
  else stdout.write('', () => stderr.write('', exit));
}
