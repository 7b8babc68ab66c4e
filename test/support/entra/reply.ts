/** An HTTP answer as a value, and the reading of form bodies; it must not know which endpoint answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const MAX_BODY_BYTES = 256 * 1024;

export function reply(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return { status, headers, body };
}

export function replyJson(status: number, document: unknown, headers: Record<string, string> = {}): Reply {
  return reply(status, JSON.stringify(document), {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store, no-cache',
    ...headers,
  });
}

export function redirectTo(location: string, headers: Record<string, string> = {}): Reply {
  return reply(302, '', { Location: location, 'Cache-Control': 'no-store', ...headers });
}

export function send(response: ServerResponse, answer: Reply): void {
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

/** @throws RangeError when the body is larger than 256 KiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RangeError('request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Non-empty parameters; of a repeated one the last counts. */
export function parameters(source: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...source].filter(([, value]) => value !== ''));
}
