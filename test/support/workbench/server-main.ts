// Runs the VS Code server given as first argument in this process, and ends the whole process group as soon as the parent,
// who holds the other end of stdin, is gone; the parent's temporary folder, the second argument, then goes too.
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** The browser, which ends by itself with its parent, writes for a moment longer. */
const graceMs = 700;

const [serverMain = '', temporary = ''] = process.argv.splice(2, 2);

process.stdin
  .on('close', () => {
    setTimeout(() => {
      try {
        rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
      } finally {
        // The extension hosts and whatever they started are in this group.
        process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
      }
    }, graceMs);
  })
  .resume();

process.argv[1] = serverMain;
await import(pathToFileURL(serverMain).href);
