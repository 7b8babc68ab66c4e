// A reply's event stream that ends before the answer, against real HTTP servers: it is taken up where that is allowed, and the
// call itself is sent once.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { Agent } from 'undici';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import { AnswerLostError } from '../../agent/bridge/call-errors.ts';
import type { CallResult } from '../../agent/bridge/call-result.ts';
import { callOverHttp, type ToolCall } from '../../agent/bridge/http-tool-call.ts';
import { SentBearers } from '../../agent/bridge/sent-bearers.ts';
import { until } from '../support/until.ts';

const dispatcher = new Agent();
const servers: Server[] = [];

after(async () => {
  await dispatcher.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

interface Seen {
  method: string;
  headers: IncomingHttpHeaders;
  /** JSON-RPC method of a POST. */
  rpc: string | undefined;
}

interface Scene {
  url: URL;
  seen: Seen[];
  /** How often a method was called. */
  count: (rpcOrMethod: string) => number;
}

type Play = (response: ServerResponse, facts: { id: string; count: number; seen: Seen }) => void;

/** `onCall` answers `tools/call`, `onGet` the nth GET. */
async function serve(onCall: Play, onGet: Play): Promise<Scene> {
  const seen: Seen[] = [];
  let id = '';
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const message = body === '' ? {} : (JSON.parse(body) as { id?: string; method?: string });
      const entry = { method: request.method ?? '', headers: request.headers, rpc: message.method };
      seen.push(entry);
      if (entry.rpc === 'tools/call') {
        id = message.id ?? '';
        onCall(response, { id, count: 1, seen: entry });
      } else if (entry.method === 'GET') {
        onGet(response, { id, count: seen.filter(({ method }) => method === 'GET').length, seen: entry });
      } else response.writeHead(202).end();
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  const count = (what: string): number => seen.filter(({ method, rpc }) => method === what || rpc === what).length;
  return { url, seen, count };
}

/** An event stream with these lines, which then ends or breaks. */
const stream =
  (lines: (id: string) => string, end: 'end' | 'destroy' = 'end'): Play =>
  (response, { id }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(lines(id), () => void (end === 'end' ? response.end() : response.destroy()));
  };

const answer = (id: string): string =>
  `id: last\ndata: {"jsonrpc":"2.0","id":"${id}","result":{"content":[{"type":"text","text":"done"}]}}\n\n`;
const primed = stream(() => 'id: first\nretry: 100\ndata: \n\n');
const refused: Play = (response) => void response.writeHead(405).end();

function call({ url }: Scene, options: Partial<ToolCall> & { tokens?: TokenProvider } = {}): Promise<CallResult> {
  const { tokens, ...rest } = options;
  return callOverHttp(
    { server: 'x', url, headers: { 'x-key': 'k' }, tokens, dispatcher, sent: new SentBearers() },
    { sessionId: 's1', protocolVersion: '2025-11-25', deliver: () => {} },
    { tool: 'write', argumentsJson: '{}', signal: AbortSignal.timeout(20_000), ...rest },
  );
}

const textOf = ({ parsed }: CallResult): unknown => (parsed?.content[0] as { text?: string } | undefined)?.text;

describe('resumed stream - taken up', () => {
  test('resumed stream - one that the server ended is asked for again from its last event; the call is sent once [P10]', async () => {
    const scene = await serve(primed, stream(answer));
    assert.equal(textOf(await call(scene)), 'done');
    assert.deepEqual([scene.count('tools/call'), scene.count('GET')], [1, 1]);
    const { headers } = scene.seen.find(({ method }) => method === 'GET') as Seen;
    assert.partialDeepStrictEqual(headers, {
      'last-event-id': 'first',
      'mcp-session-id': 's1',
      'mcp-protocol-version': '2025-11-25',
      'x-key': 'k',
      accept: 'text/event-stream',
    });
    assert.equal(headers['content-type'], undefined);
  });

  test('resumed stream - one that broke is taken up as well, with its progress, as often as the server likes', async () => {
    const progress = (id: string, step: number): string =>
      `id: e${step}\nretry: 100\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"${id}","progress":${step}}}\n\n`;
    const scene = await serve(
      stream((id) => progress(id, 0), 'destroy'),
      (response, facts) => {
        if (facts.count < 5) stream((id) => progress(id, facts.count), 'destroy')(response, facts);
        else stream(answer)(response, facts);
      },
    );
    const told: number[] = [];
    const result = await call(scene, { onProgress: ({ progress: step }) => told.push(step) });
    assert.equal(textOf(result), 'done');
    assert.deepEqual(told, [0, 1, 2, 3, 4]);
    assert.deepEqual(
      scene.seen.filter(({ method }) => method === 'GET').map(({ headers }) => headers['last-event-id']),
      ['e0', 'e1', 'e2', 'e3', 'e4'],
    );
  });

  test('resumed stream - a server that is busy for a moment is asked again', async () => {
    const scene = await serve(primed, (response, facts) =>
      facts.count < 3 ? response.writeHead(503).end() : stream(answer)(response, facts),
    );
    assert.equal(textOf(await call(scene)), 'done');
  });

  test('resumed stream - the bearer goes along, also a fresh one', async () => {
    const scene = await serve(primed, (response, facts) =>
      facts.seen.headers.authorization === 'Bearer fresh'
        ? stream(answer)(response, facts)
        : response.writeHead(401).end(),
    );
    const tokens = providerFor(scene, async () => 'fresh');
    assert.equal(textOf(await call(scene, { tokens })), 'done');
    assert.equal(scene.count('tools/call'), 1);
  });
});

describe('resumed stream - given up', () => {
  for (const [what, onCall, onGet, gets] of [
    ['without event ids', stream(() => 'data: \n\n'), refused, 0],
    ['whose server takes no GET', primed, refused, 1],
    ['whose server stays out of order', primed, (response) => void response.writeHead(503).end(), 3],
  ] as const satisfies readonly (readonly [string, Play, Play, number])[]) {
    test(`resumed stream - the answer of one ${what} is lost, not said to be anything else [P10]`, async () => {
      const scene = await serve(onCall, onGet);
      await assert.rejects(call(scene), AnswerLostError);
      assert.deepEqual([scene.count('tools/call'), scene.count('GET')], [1, gets]);
    });
  }

  test('resumed stream - a bearer that nobody renews any more does not mean that the call was not run [P10]', async () => {
    const scene = await serve(primed, (response) => void response.writeHead(401).end());
    const tokens = providerFor(scene, async () => 'also-refused');
    await assert.rejects(call(scene, { tokens }), AnswerLostError);
  });

  test('resumed stream - a call that is cancelled while its server has it wait ends at once, and the server is told', async () => {
    const scene = await serve(
      stream(() => 'id: first\nretry: 3600000\ndata: \n\n'),
      refused,
    );
    const controller = new AbortController();
    const pending = call(scene, { signal: controller.signal });
    await until('the call was sent', () => scene.count('tools/call') === 1);
    controller.abort(new Error('enough'));
    await assert.rejects(pending, /enough/);
    await until('the server was told', () => scene.count('notifications/cancelled') > 0);
    assert.equal(scene.count('GET'), 0);
  });
});

function providerFor({ url }: Scene, refresh: TokenProvider['refresh']): TokenProvider {
  return { profile: 'workiq', allowedOrigins: new Set([url.origin]), token: () => 'stale', refresh };
}
