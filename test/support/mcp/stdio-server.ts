// The sample MCP server as a program that speaks over stdin and stdout.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createSampleServer } from './sample-server.ts';

await createSampleServer().server.connect(new StdioServerTransport());
