// A host that must never see a bearer: records what it is sent. Redirect faults lead here.
import { createServer, type Server } from 'node:http';
import type { Journal } from './journal.ts';

export function createForeignOrigin(journal: Journal): Server {
  return createServer((request, response) => {
    journal.foreignRequest(request.headers.authorization);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'This is not Work IQ.' } }),
    );
  });
}
