// The small program that stands between this process and a nats-server and ends it with this process; plain JavaScript
// in a string, because it runs through `node -e` and so needs no file of its own beside a bundle.

/**
 * Arguments: the run's own folder, the nats-server program, its arguments. Reports on stdout one JSON line each:
 * `{"pid"}` when it runs, `{"code","signal"}` or `{"error"}` when it ended. The end of stdin means: end nats-server.
 * The kernel closes that pipe when the parent dies in whatever way, SIGKILL included. Only its own child is ever
 * signalled, through the handle it holds, never through a number that may belong to someone else by now.
 */
export const supervisorSource = `
const { spawn } = require('node:child_process');
const { rmSync } = require('node:fs');
const [folder, program, ...args] = process.argv.slice(1);
const tell = (message, done) => process.stdout.write(JSON.stringify(message) + '\\n', done);
const leave = (message) => {
  rmSync(folder, { recursive: true, force: true });
  tell(message, () => process.exit(0));
  setTimeout(() => process.exit(0), 500);
};
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
const server = spawn(program, args, { stdio: ['ignore', 2, 2], windowsHide: true });
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), 2000);
};
server.on('spawn', () => tell({ pid: server.pid }));
server.on('error', (error) => leave({ error: error.message }));
server.on('exit', (code, signal) => leave({ code, signal }));
process.stdin.on('end', end).on('close', end).on('error', end).resume();
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, end);
`;
