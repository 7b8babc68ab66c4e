// Runs the VS Code server given as first argument in this process, and ends the whole process group as soon as the parent,
// who holds the other end of stdin, is gone.
import { pathToFileURL } from 'node:url';

process.stdin
  .on('close', () => {
    // The extension hosts and whatever they started are in this group.
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  })
  .resume();

const [serverMain = ''] = process.argv.splice(2, 1);
process.argv[1] = serverMain;
await import(pathToFileURL(serverMain).href);
