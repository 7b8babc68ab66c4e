// An MCP server over stdin and stdout that does not end: neither when its input does, nor when it is told to. It writes its process id
// to the file that PID_FILE names, and takes a minute to end by itself.
import { writeFileSync } from 'node:fs';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createSampleServer } from './sample-server.ts';

process.on('SIGTERM', () => undefined);
setTimeout(() => process.exit(), 60_000);
await createSampleServer().server.connect(new StdioServerTransport());
writeFileSync(process.env['PID_FILE'] ?? '', String(process.pid));
