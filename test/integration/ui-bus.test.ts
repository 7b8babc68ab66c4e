// The UI tier's bus connection on a real nats-server: requests, answers in parts, rights, losses, TLS.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createUser } from '@nats-io/nkeys';
import { connect } from 'nats.ws';
import { generate } from 'selfsigned';
import { connectBus, type BusOptions } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { AnswerLost } from '../../extension/bus/answer-lost.ts';
import type { BusEvent } from '../../extension/bus/bus-status.ts';
import { BusUnreachableError } from '../../extension/bus/bus-unreachable.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startAgentStandIn } from '../support/agent-stand-in.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectSocket, type AddressInfo } from 'node:net';

const options = { agent: 'rockbot', source: 'test' } satisfies Partial<BusOptions>;

function newUser(): { seed: string; publicKey: string } {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

const progress = (message: string): string => JSON.stringify({ callId: 'c1', progress: 1, message });

describe('ui bus', () => {
  test('ui bus - a request is answered with what the contract says', async () => {
    await using nats = await startTestNats();
    await using agent = await startAgentStandIn({ busUrl: nats.url });
    await using bus = await connectBus({ ...options, url: nats.url });
    assert.equal((await bus.request('authState', {})).status, 'not_connected');
    assert.deepEqual(agent.sources, ['test']);
  });

  test('ui bus - an answer larger than a message may be arrives whole', async () => {
    const text = 'ü€😀'.repeat(300_000);
    await using nats = await startTestNats();
    await using _agent = await startAgentStandIn({
      busUrl: nats.url,
      tool: async () => ({ content: [{ type: 'text', text }] }),
    });
    await using bus = await connectBus({ ...options, url: nats.url });
    const replies = await Promise.all(
      ['a', 'b', 'c'].map((callId) => bus.request('toolInvoke', { callId, tool: 't' })),
    );
    for (const [index, reply] of replies.entries()) {
      assert.equal(reply.callId, ['a', 'b', 'c'][index]);
      assert.deepEqual(reply.result['content'], [{ type: 'text', text }]);
    }
  });

  test('ui bus - a refusal of the agent comes out as its error', async () => {
    await using nats = await startTestNats();
    const refusal = new RockBotError({ code: 'throttled', message: 'Slower.', retryAfterMs: 17_000, requestId: 'r-1' });
    await using _agent = await startAgentStandIn({ busUrl: nats.url, tool: () => Promise.reject(refusal) });
    await using bus = await connectBus({ ...options, url: nats.url });
    await assert.rejects(bus.request('toolInvoke', { callId: 'c', tool: 't' }), {
      code: 'throttled',
      retryAfterMs: 17_000,
      requestId: 'r-1',
    });
  });

  test('ui bus - an absent agent is named at once', async () => {
    await using nats = await startTestNats();
    await using bus = await connectBus({ ...options, url: nats.url, agent: 'nobody' });
    const startedAt = performance.now();
    await assert.rejects(bus.request('authState', {}), (error) => {
      assert.ok(error instanceof BusUnreachableError);
      assert.match(error.message, /No agent named "nobody"/);
      return true;
    });
    assert.ok(performance.now() - startedAt < 2_000);
  });

  test('ui bus - a silent agent ends in a timeout, a call in an unknown outcome', async () => {
    await using nats = await startTestNats();
    const silent = await connect({ servers: nats.url });
    silent.subscribe('auth.workiq.state.rockbot');
    silent.subscribe('tool.invoke.mcp.rockbot');
    await silent.flush();
    await using bus = await connectBus({ ...options, url: nats.url });
    await assert.rejects(bus.request('authState', {}, { timeoutMs: 150 }), { code: 'timeout' });
    await assert.rejects(bus.request('toolInvoke', { callId: 'c', tool: 't' }, { timeoutMs: 150 }), {
      code: 'outcome_unknown',
      retryable: false,
    });
    await silent.close();
  });

  test('ui bus - a call whose agent ends meanwhile ends soon with an unknown outcome [P10]', async () => {
    await using nats = await startTestNats();
    await using agent = await startAgentStandIn({ busUrl: nats.url, tool: () => new Promise(() => {}) });
    await using bus = await connectBus({ ...options, url: nats.url, agentWatchMs: 200 });
    const call = bus.request('toolInvoke', { callId: 'c', tool: 't' }, { timeoutMs: 60_000 });
    call.catch(() => undefined);
    await until('the call', () => agent.calls.length === 1);
    await agent.close();
    const startedAt = performance.now();
    await assert.rejects(call, (error: RockBotError) => {
      assert.deepEqual([error.code, error.retryable], ['outcome_unknown', false]);
      assert.match(error.message, /The agent "rockbot" is gone/);
      return true;
    });
    assert.ok(performance.now() - startedAt < 20_000);
  });

  test('ui bus - a call whose agent stays is waited for for as long as it takes', async () => {
    await using nats = await startTestNats();
    const { promise: result, resolve: finish } = Promise.withResolvers<object>();
    await using agent = await startAgentStandIn({ busUrl: nats.url, tool: () => result });
    await using bus = await connectBus({ ...options, url: nats.url, agentWatchMs: 50 });
    const call = bus.request('toolInvoke', { callId: 'c', tool: 't' }, { timeoutMs: 60_000 });
    await until('a few looks at the agent', () => agent.sources.length > 5);
    finish({ content: [] });
    assert.equal((await call).callId, 'c');
    const looks = agent.sources.length;
    // Nothing tells that no look comes any more: the time of four.
    await delay(200);
    assert.ok(agent.sources.length <= looks + 1, 'nothing is looked at after the call');
  });

  test('ui bus - questions about rights end with their signal, also while the bus says nothing', async () => {
    await using nats = await startTestNats();
    await using bus = await connectBus({ ...options, url: nats.url });
    const controller = new AbortController();
    const rights = bus.rights({ signal: controller.signal });
    assert.equal(await rights.maySubscribe('some.subject'), true);
    assert.ok(nats.pid !== undefined);
    process.kill(nats.pid, 'SIGSTOP');
    try {
      const { signal } = controller;
      const questions = Promise.allSettled([
        rights.mayHearAnswers(),
        rights.mayPublish('some.subject'),
        rights.request('authState'),
        bus.flush({ signal }),
      ]);
      const reason = new Error('enough');
      controller.abort(reason);
      const rejected = { status: 'rejected', reason };
      assert.deepEqual(await questions, [rejected, rejected, rejected, rejected]);
    } finally {
      process.kill(nats.pid, 'SIGCONT');
    }
  });

  test('ui bus - a request can be cancelled, and one above the limit is not sent', async () => {
    await using nats = await startTestNats({ maxPayload: 64 * 1024 });
    await using agent = await startAgentStandIn({
      busUrl: nats.url,
      partBytes: 16_384,
      tool: () => new Promise(() => {}),
    });
    await using bus = await connectBus({ ...options, url: nats.url });
    const controller = new AbortController();
    const call = bus.request('toolInvoke', { callId: 'c', tool: 't' }, { signal: controller.signal });
    const ended = assert.rejects(call, /enough/);
    await until('the call', () => agent.calls.length === 1);
    controller.abort(new Error('enough'));
    await ended;
    // The limit holds for the bytes that really travel.
    for (const [size, isSent] of [
      [64_000, true],
      [65_400, false],
    ] as const) {
      const request = bus.request(
        'toolInvoke',
        { callId: 'd', tool: 't', arguments: { a: 'x'.repeat(size) } },
        { timeoutMs: 300 },
      );
      await assert.rejects(request, { code: isSent ? 'outcome_unknown' : 'payload_too_large' });
    }
    assert.equal(agent.calls.length, 2);
  });

  test('ui bus - what the bus does not allow is named with its subject, and nothing else is disturbed', async () => {
    const user = newUser();
    const agentUser = newUser();
    await using nats = await startTestNats({
      users: [
        { nkey: agentUser.publicKey },
        {
          nkey: user.publicKey,
          permissions: {
            publish: ['auth.workiq.state.rockbot'],
            subscribe: [`_INBOX_${user.publicKey}.>`, 'agent.status.rockbot'],
          },
        },
      ],
    });
    const agent = await connectBus({ ...options, url: nats.url, credentials: nkeyCredentials(agentUser.seed) });
    await using bus = await connectBus({ ...options, url: nats.url, credentials: nkeyCredentials(user.seed) });
    const seen: BusEvent[] = [];
    bus.onEvent((event) => seen.push(event));
    await assert.rejects(bus.request('toolList', {}), (error) => {
      assert.ok(error instanceof RockBotError);
      assert.equal(error.code, 'forbidden');
      assert.match(error.message, /publish to "tool\.list\.rockbot"/);
      return true;
    });
    const refused = new Promise<RockBotError>((resolve) => {
      bus.subscribe('toolResult', () => undefined, { onForbidden: resolve });
    });
    assert.match((await refused).message, /subscribe to "tool\.result\.rockbot"/);
    // The inbox of this user is allowed: the server itself can answer.
    await assert.rejects(bus.request('authState', {}), { code: 'server_unavailable' });
    assert.equal(seen.filter(({ kind }) => kind === 'forbidden').length, 2);
    await agent.close();
  });

  test("ui bus - with somebody else's inbox prefix the answer is refused by name", async () => {
    const user = newUser();
    await using nats = await startTestNats({
      users: [{ nkey: user.publicKey, permissions: { publish: ['>'], subscribe: ['_INBOX_other.>'] } }],
    });
    await using bus = await connectBus({ ...options, url: nats.url, credentials: nkeyCredentials(user.seed) });
    for (const attempt of [1, 2]) {
      await assert.rejects(
        bus.request('authState', {}, { timeoutMs: 2_000 }),
        (error) => error instanceof RockBotError && error.code === 'forbidden' && /_INBOX_U/.test(error.message),
        `attempt ${attempt}`,
      );
    }
  });

  test('ui bus - wrong and missing credentials are told apart', async () => {
    await using nats = await startTestNats({ users: [{ nkey: newUser().publicKey }] });
    await assert.rejects(connectBus({ ...options, url: nats.url }), (error) => {
      assert.ok(error instanceof RockBotError);
      assert.equal(error.code, 'forbidden');
      assert.match(error.message, /none were given/);
      return true;
    });
    const wrong = nkeyCredentials(newUser().seed);
    await assert.rejects(connectBus({ ...options, url: nats.url, credentials: wrong }), /refuses these credentials/);
  });

  test('ui bus - it reconnects for ever, and a request made meanwhile is answered afterwards', async () => {
    await using nats = await startTestNats();
    await using bus = await connectBus({ ...options, url: nats.url });
    const kinds: string[] = [];
    bus.onEvent(({ kind }) => kinds.push(kind));
    let agent = await startAgentStandIn({ busUrl: nats.url });
    assert.equal((await bus.request('authState', {})).generation, 0);
    const down = until('the loss', () => bus.state.kind === 'reconnecting');
    const restarted = nats.restart();
    await down;
    await agent.close();
    await restarted;
    agent = await startAgentStandIn({ busUrl: nats.url });
    await until('the connection', () => bus.state.kind === 'connected');
    assert.equal((await bus.request('authState', {})).generation, 0);
    assert.ok(kinds.includes('disconnected') && kinds.at(-1) === 'connected');
    await agent.close();
  });

  test('ui bus - a request made while the bus is away waits for it', async () => {
    await using nats = await startTestNats();
    await using bus = await connectBus({ ...options, url: nats.url, agent: 'nobody' });
    const down = until('the loss', () => bus.state.kind === 'reconnecting');
    const restarted = nats.restart();
    await down;
    await assert.rejects(bus.request('authState', {}), /No agent named/);
    await restarted;
  });

  test('ui bus - events are parsed, and malformed ones or those of another version are left out', async () => {
    await using nats = await startTestNats();
    await using bus = await connectBus({ ...options, url: nats.url });
    const received: string[] = [];
    const end = bus.subscribe('toolProgress', ({ message = '' }) => received.push(message), { callId: 'c1' });
    await bus.flush();
    const sender = await connect({ servers: nats.url });
    for (const text of ['not json', '{"callId":"c1"}', progress('one')])
      sender.publish('tool.progress.rockbot.c1', text);
    sender.publish('tool.progress.rockbot.c2', progress('of another call'));
    await sender.flush();
    await until('the event', () => received.length > 0);
    end();
    await bus.flush();
    sender.publish('tool.progress.rockbot.c1', progress('after the end'));
    await sender.flush();
    await bus.flush();
    assert.deepEqual(received, ['one']);
    await sender.close();
  });

  test('ui bus - after close everything ends, and close may be called again', async () => {
    await using nats = await startTestNats();
    await using agent = await startAgentStandIn({ busUrl: nats.url, tool: () => new Promise(() => {}) });
    const bus = await connectBus({ ...options, url: nats.url });
    const call = bus.request('toolInvoke', { callId: 'c', tool: 't' });
    const ended = assert.rejects(call, (error) => {
      assert.ok(error instanceof AnswerLost);
      assert.deepEqual([error.code, error.retryable], ['outcome_unknown', false]);
      assert.match(error.message, /was left/);
      assert.deepEqual([error.ofRead.code, error.ofRead.retryable], ['server_unavailable', true]);
      return true;
    });
    await until('the call', () => agent.calls.length === 1);
    await Promise.all([bus.close(), bus.close()]);
    await ended;
    assert.equal(bus.state.kind, 'closed');
    await assert.rejects(bus.request('authState', {}), { code: 'cancelled' });
    await assert.rejects(bus.request('toolInvoke', { callId: 'd', tool: 't' }), { code: 'server_unavailable' });
  });

  test('ui bus - wss works with a certificate authority of the operator and is refused without', async () => {
    await using nats = await startTestNats();
    const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    // TLS in front of the plain listener, as an ingress has it.
    const ingress = createTlsServer({ key: certificate.private, cert: certificate.cert });
    ingress.on('upgrade', (request, socket, head) => {
      const target = connectSocket(Number(new URL(nats.url).port), '127.0.0.1', () => {
        const headers = Object.entries(request.headers).map(([key, value]) => `${key}: ${String(value)}`);
        target.write(`GET ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => ingress.listen(0, '127.0.0.1', resolve));
    const url = `wss://localhost:${(ingress.address() as AddressInfo).port}/bus`;
    try {
      const bus = await connectBus({ ...options, url, ca: certificate.cert, agent: 'nobody' });
      await assert.rejects(bus.request('authState', {}), /No agent named/);
      await bus.close();
      await assert.rejects(connectBus({ ...options, url }), (error) => {
        assert.ok(error instanceof BusUnreachableError);
        assert.match(error.message, /not trusted/);
        assert.match(error.action ?? '', /Nats__CaFile/);
        return true;
      });
    } finally {
      ingress.closeAllConnections();
      ingress.close();
    }
  });

  test('ui bus - what answers instead of a bus is described', async () => {
    const web = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(web.address() as AddressInfo).port}`;
    await assert.rejects(connectBus({ ...options, url }), /no NATS WebSocket \(unexpected server response: 404\)/);
    web.close();
    await using nats = await startTestNats();
    await assert.rejects(connectBus({ ...options, url: nats.natsUrl.replace('nats:', 'ws:') }), /it is no WebSocket/);
    await assert.rejects(connectBus({ ...options, url: 'ws://127.0.0.1:1' }), /No bus answers at .*ECONNREFUSED/);
  });

  test('ui bus - connecting can be cancelled', async () => {
    // Accepts and never answers.
    const hole = createServer().on('upgrade', () => undefined);
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(hole.address() as AddressInfo).port}`;
    await assert.rejects(connectBus({ ...options, url, signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
    await assert.rejects(connectBus({ ...options, url, connectTimeoutMs: 200 }), BusUnreachableError);
    hole.closeAllConnections();
    hole.close();
  });
});
