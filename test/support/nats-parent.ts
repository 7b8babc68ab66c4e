// A process of its own that starts a nats-server and stays, to be killed by a test; prints where the server is.
import { startTestNats } from './nats.ts';

process.on('SIGINT', () => console.log('{"interrupted":true}'));
const server = await startTestNats();
console.log(JSON.stringify({ pid: server.pid, url: server.url }));
if (process.argv[2] === 'exit') process.exit(3);
setInterval(() => {}, 60_000);
