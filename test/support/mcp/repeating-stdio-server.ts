// The repeating MCP server as a program that speaks over stdin and stdout.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { repeating } from './repeating-server.ts';

await repeating().connect(new StdioServerTransport());
