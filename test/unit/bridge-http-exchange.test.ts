// One HTTP exchange with real HTTP servers: sizes, aborts, framing, and servers that break off.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'undici';
import {
  headRoom,
  httpExchange,
  ReplyTooLargeError,
  type ExchangeOptions,
  type ExchangeReply,
} from '../../agent/bridge/http-exchange.ts';

const dispatcher = new Agent();
const servers: Server[] = [];

after(async () => {
  await dispatcher.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}

function send(url: URL, options: Partial<ExchangeOptions> = {}): Promise<ExchangeReply> {
  return httpExchange({
    dispatcher,
    url,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(10_000),
    maxBytes: 1_000_000,
    onEvent: () => false,
    ...options,
  });
}

const bodyOf = ({ bytes, end }: ExchangeReply): string => bytes.toString('utf8', headRoom, end);

describe('http exchange - plain replies', () => {
  for (const [what, size] of [
    ['an empty body', 0],
    ['a short body', 10],
    ['a body of exactly the first buffer', 8_192],
    ['a body larger than the first buffer', 300_000],
    ['a body of exactly the limit', 1_000_000],
  ] as const) {
    for (const withLength of [true, false]) {
      test(`http exchange - ${what} arrives whole ${withLength ? 'with' : 'without'} a content-length`, async () => {
        const text = 'é'.repeat(Math.floor(size / 2)) + 'x'.repeat(size % 2);
        const url = await serve((_request, response) => {
          response.writeHead(200, { 'x-test': 'yes', ...(withLength && { 'content-length': size }) });
          response.end(text);
        });
        const reply = await send(url);
        assert.equal(bodyOf(reply), text);
        assert.equal(reply.headers['x-test'], 'yes');
        assert.ok(reply.bytes.length > reply.end, 'room for one byte behind the body');
      });
    }
  }

  test('http exchange - the request carries body, query and headers', async () => {
    let seen = '';
    const url = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        seen = `${request.method} ${request.url} ${String(request.headers['x-a'])} ${body}`;
        response.end();
      });
    });
    url.search = '?tenant=1';
    await send(url, { headers: { 'x-a': 'b' }, body: Buffer.from('{"é":1}') });
    assert.equal(seen, 'POST /mcp?tenant=1 b {"é":1}');
  });
});

describe('http exchange - limits', () => {
  for (const withLength of [true, false]) {
    test(`http exchange - a reply over the limit ends the request ${withLength ? 'with' : 'without'} a content-length`, async () => {
      const closed = Promise.withResolvers<void>();
      const url = await serve((_request, response) => {
        response.on('close', closed.resolve);
        response.writeHead(200, withLength ? { 'content-length': 50_000_000 } : {});
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
        };
        response.on('drain', more);
        more();
      });
      await assert.rejects(send(url, { maxBytes: 200_000 }), ReplyTooLargeError);
      await closed.promise;
    });
  }

  test('http exchange - a content-length beyond everything allocates no more than the limit', async () => {
    const url = await rawServer('HTTP/1.1 200 OK\r\ncontent-length: 9007199254740991\r\n\r\nabc');
    const before = process.memoryUsage().arrayBuffers;
    await assert.rejects(send(url, { maxBytes: 10_000_000 }));
    assert.ok(process.memoryUsage().arrayBuffers - before < 30_000_000);
  });

  test('http exchange - an event stream over the limit ends as well', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = (): void => {
        while (!response.destroyed && response.write(`data: ${'x'.repeat(10_000)}\n\n`));
      };
      response.on('drain', more);
      more();
    });
    await assert.rejects(send(url, { maxBytes: 200_000 }), ReplyTooLargeError);
  });
});

describe('http exchange - abort', () => {
  test('http exchange - an abort rejects with its reason and closes the connection', async () => {
    const asked = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.on('close', closed.resolve);
      asked.resolve();
    });
    const controller = new AbortController();
    const reason = new Error('enough');
    const sending = send(url, { signal: controller.signal });
    await asked.promise;
    controller.abort(reason);
    await assert.rejects(sending, (error) => error === reason);
    await closed.promise;
  });

  test('http exchange - an abort in the middle of the body rejects with its reason', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': 100 });
      response.write('data: half\n\n');
    });
    const controller = new AbortController();
    const onEvent = (): boolean => {
      controller.abort(new Error('enough'));
      return false;
    };
    await assert.rejects(send(url, { signal: controller.signal, onEvent }), /enough/);
  });

  test('http exchange - an aborted signal sends nothing', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests++;
      response.end();
    });
    await assert.rejects(send(url, { signal: AbortSignal.abort(new Error('before')) }), /before/);
    await send(url);
    assert.equal(requests, 1);
  });
});

describe('http exchange - broken replies', () => {
  const broken: Record<string, string> = {
    'a connection closed at once': '',
    'half a header': 'HTTP/1.1 200 OK\r\ncontent-',
    'half a body': 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":',
    'half a chunk': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{"a":',
    'no HTTP': '220 smtp.example ESMTP\r\n',
  };
  for (const [what, text] of Object.entries(broken)) {
    test(`http exchange - ${what} rejects instead of giving a part`, async () => {
      await assert.rejects(send(await rawServer(text)), Error);
    });
  }

  test('http exchange - an informational reply before the final one is passed over', async () => {
    const url = await rawServer(
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}',
    );
    const reply = await send(url);
    assert.equal(reply.status, 200);
    assert.equal(bodyOf(reply), '{}');
  });
});

describe('http exchange - event streams', () => {
  test('http exchange - events arrive whole however the bytes are cut, also within a character', async () => {
    const text = 'event: message\ndata: {"a":"é€😀"}\n\ndata: first\ndata: second\n\n';
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const seen: string[] = [];
      const url = await serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const chunk of chunks) response.write(chunk);
        response.end();
      });
      const reply = await send(url, { onEvent: (data) => seen.push(data) < 0 });
      assert.ok(reply.isEventStream);
      assert.deepEqual(seen, ['{"a":"é€😀"}', 'first\nsecond'], `in parts of ${size} bytes`);
    }
  });

  test('http exchange - the stream is left as soon as the reader has what it wanted', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.on('close', closed.resolve);
      response.writeHead(200, { 'content-type': 'Text/Event-Stream; charset=utf-8' });
      response.write('data: wanted\n\ndata: not wanted\n\n');
    });
    const seen: string[] = [];
    await send(url, { onEvent: (data) => seen.push(data) > 0 });
    await closed.promise;
    assert.deepEqual(seen, ['wanted']);
  });

  test('http exchange - comments and empty events are no events; other content types are no streams', async () => {
    const seen: string[] = [];
    await send(await events([': ping\n\n', 'data:\n\n', 'data: x\n\n']), { onEvent: (data) => seen.push(data) < 0 });
    assert.deepEqual(seen, ['x']);
    const reply = await send(await events(['data: x\n\n'], 'text/event-stream-not'), { onEvent: () => assert.fail() });
    assert.equal(reply.isEventStream, false);
  });
});

/** An event stream in these parts. */
async function events(chunks: readonly (string | Buffer)[], type = 'text/event-stream'): Promise<URL> {
  return serve((_request, response) => {
    response.writeHead(200, { 'content-type': type });
    void (async () => {
      for (const chunk of chunks) {
        response.write(chunk);
        // So that each arrives on its own.
        await delay(5);
      }
      response.end();
    })();
  });
}

/** Answers every connection with these bytes and closes it. */
async function rawServer(text: string): Promise<URL> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text));
  }).listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}
