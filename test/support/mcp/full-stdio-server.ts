// The full MCP server as a program that speaks over stdin and stdout.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createFullServer } from './full-server.ts';

await createFullServer().server.connect(new StdioServerTransport());
