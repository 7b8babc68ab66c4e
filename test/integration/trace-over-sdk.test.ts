// The caller's trace reaches servers over every transport: in the headers of a request where there is one, and in `_meta` where
// the MCP SDK sends the call.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { startRepeatingServer, type RepeatingServer } from '../support/mcp/repeating-server.ts';
import { startStack, type Stack } from '../support/stack.ts';

const stdioServer = new URL('../support/mcp/repeating-stdio-server.ts', import.meta.url).pathname;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const tracestate = 'vendor=one,other=two';

let repeating: RepeatingServer;
let stack: Stack;
let tap: BusTap;

before(async () => {
  repeating = await startRepeatingServer();
  stack = await startStack({
    servers: () => ({
      http: { type: 'http', url: repeating.url },
      sse: { type: 'sse', url: repeating.sseUrl },
      stdio: { type: 'stdio', command: process.execPath, args: [stdioServer] },
    }),
  });
  tap = await tapBus(stack.nats.url);
  for (const server of ['http', 'sse', 'stdio']) await call(server, {});
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await repeating[Symbol.asyncDispose]();
});

/** The `_meta` that the server got, but for the token of its progress. */
async function call(server: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const request = { callId: crypto.randomUUID(), server, tool: 'meta', arguments: {} };
  const { json } = await tap.request('tool.invoke.mcp.rockbot', request, { headers });
  const { result } = json as { result: { content: [{ text: string }] } };
  const { progressToken: _none, ...meta } = JSON.parse(result.content[0].text) as Record<string, unknown>;
  return meta;
}

for (const server of ['sse', 'stdio'])
  test(`trace - over ${server} it stands in _meta, also when nobody sent one`, async () => {
    assert.deepEqual(await call(server, { traceparent, tracestate }), { traceparent, tracestate });
    const own = await call(server, {});
    assert.match(String(own['traceparent']), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.ok(!('tracestate' in own));
  });

for (const server of ['http', 'sse'])
  test(`trace - over ${server} it stands in the headers of the request that calls, and in no other`, async () => {
    repeating.seen.length = 0;
    await call(server, { traceparent, tracestate });
    const traced = repeating.seen.filter(({ headers }) => headers['traceparent'] !== undefined);
    assert.deepEqual(
      traced.map(({ method, headers }) => [method, headers['traceparent'], headers['tracestate']]),
      [['POST', traceparent, tracestate]],
    );
  });

test('trace - calls at the same time over one stream each have their own', async () => {
  const ids = Array.from({ length: 20 }, () => crypto.randomUUID().replaceAll('-', ''));
  repeating.seen.length = 0;
  const metas = await Promise.all(ids.map((id) => call('sse', { traceparent: `00-${id}-b7ad6b7169203331-01` })));
  assert.deepEqual(
    metas.map((meta) => String(meta['traceparent']).split('-')[1]),
    ids,
  );
  const posted = repeating.seen.map(({ headers }) => String(headers['traceparent']).split('-')[1]);
  assert.deepEqual(posted.toSorted(), ids.toSorted());
});
