// What becomes of a call when its answer is lost, late or refused, with the simulator's own count of what really happened
// as the judge: nothing that may have side effects is sent twice without proof that it was not run (promise P10).
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { ErrorCode } from '../../shared/errors/error-code.ts';
import { failureOf } from '../support/call-failure.ts';
import { jsonLine, startChild } from '../support/child.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { connectWorkIqAdmin } from '../support/workiq/client.ts';
import type { FaultInput } from '../support/workiq/faults.ts';

let stack: Stack;

before(async () => {
  stack = await startStack({ workiq: { mutations: 'allowed' }, agentEnv: { McpBridge__DefaultTimeoutMs: '10000' } });
  await stack.connect();
  await stack.call('fetch', { entityUrls: ['/me'] });
});

after(() => stack[Symbol.asyncDispose]());

afterEach(async () => {
  await stack.workiq.control.clearFaults();
  await stack.workiq.control.set({ mcpFraming: 'json', latencyMs: 0, askLatencyMs: 50 });
});

let mails = 0;

interface Attempt {
  /** Code of the error, or `ok`. */
  code: ErrorCode | 'ok';
  retryable: boolean | undefined;
  message: string;
  retryAfterMs?: number | undefined;
  /** How often the call reached the server. */
  sent: number;
  /** How often it took effect. */
  effects: number;
}

/** Makes one call under the faults and looks at the server afterwards. */
async function attempt(kind: 'read' | 'write', faults: readonly FaultInput[], timeoutMs?: number): Promise<Attempt> {
  const { control } = stack.workiq;
  const subject = `mail ${++mails}`;
  const tool = kind === 'read' ? 'fetch' : 'create_entity';
  const args =
    kind === 'read'
      ? { entityUrls: ['/me?$select=id'] }
      : { parentUrl: '/me/messages', jsonBody: JSON.stringify({ subject }) };
  const earlier = await control.snapshot();
  for (const fault of faults) await control.inject(fault);
  const calling = stack.call(tool, args, timeoutMs === undefined ? {} : { timeoutMs });
  const error = await calling.then(
    () => undefined,
    () => failureOf(calling),
  );
  const later = await control.snapshot();
  return {
    code: error?.code ?? 'ok',
    retryable: error?.retryable,
    message: error?.message ?? '',
    retryAfterMs: error?.retryAfterMs,
    sent: (later.tools[tool] ?? 0) - (earlier.tools[tool] ?? 0),
    effects: later.sideEffects.filter((effect) => effect.subject === subject).length,
  };
}

const drop = (when: 'before' | 'after' | 'during'): FaultInput => ({ kind: 'drop', when });
const executed = { executes: true } as const;

/** The faults; then code, number of sendings for a read; code, number of sendings and of effects for a write. */
const table: [
  what: string,
  faults: FaultInput[],
  read: [ErrorCode | 'ok', number],
  write: [ErrorCode | 'ok', number, number],
][] = [
  ['no fault', [], ['ok', 1], ['ok', 1, 1]],
  ['a connection that breaks before the call runs', [drop('before')], ['ok', 2], ['outcome_unknown', 1, 0]],
  ['a connection that breaks after the call ran', [drop('after')], ['ok', 2], ['outcome_unknown', 1, 1]],
  ['an answer that breaks off', [drop('during')], ['ok', 2], ['outcome_unknown', 1, 1]],
  ['two lost answers', [drop('after'), drop('after')], ['server_unavailable', 2], ['outcome_unknown', 1, 1]],
  [
    'HTTP 503 although it ran',
    [{ kind: 'server-error', status: 503, ...executed }],
    ['server_unavailable', 1],
    ['outcome_unknown', 1, 1],
  ],
  [
    'HTTP 500 although it ran',
    [{ kind: 'server-error', status: 500, ...executed }],
    ['server_unavailable', 1],
    ['outcome_unknown', 1, 1],
  ],
  [
    'HTTP 504 before it ran',
    [{ kind: 'server-error', status: 504 }],
    ['server_unavailable', 1],
    ['outcome_unknown', 1, 0],
  ],
  ['HTTP 202 without an answer', [{ kind: 'http', status: 202, ...executed }], ['ok', 2], ['outcome_unknown', 1, 1]],
  [
    'HTTP 200 with a web page',
    [{ kind: 'http', status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' }, ...executed }],
    ['ok', 2],
    ['outcome_unknown', 1, 1],
  ],
  ['HTTP 200 with nothing', [{ kind: 'http', status: 200, ...executed }], ['ok', 2], ['outcome_unknown', 1, 1]],
  [
    "another request's answer",
    [
      {
        kind: 'http',
        status: 200,
        body: '{"jsonrpc":"2.0","id":"rb-0","result":{"content":[]}}',
        headers: { 'content-type': 'application/json' },
        ...executed,
      },
    ],
    ['ok', 2],
    ['outcome_unknown', 1, 1],
  ],
  ['an answer that is no JSON', [{ kind: 'broken-json', ...executed }], ['ok', 2], ['outcome_unknown', 1, 1]],
  ['an answer of null', [{ kind: 'null-result', ...executed }], ['execution_failed', 1], ['outcome_unknown', 1, 1]],
  ['a timeout at the service', [{ kind: 'timed-out', ...executed }], ['timeout', 1], ['outcome_unknown', 1, 1]],
  ['HTTP 429 for a second', [{ kind: 'throttled', seconds: 1 }], ['ok', 2], ['ok', 2, 1]],
  [
    'HTTP 429 for longer than the call has',
    [{ kind: 'throttled', seconds: 30 }],
    ['throttled', 1],
    ['throttled', 1, 0],
  ],
  ['HTTP 429 every time', [{ kind: 'throttled', seconds: 0, times: 'all' }], ['throttled', 4], ['throttled', 4, 0]],
  ['a service busy for a second', [{ kind: 'busy', retryAfterSeconds: 1 }], ['ok', 2], ['throttled', 1, 0]],
  ['a service busy for long', [{ kind: 'busy', retryAfterSeconds: 30 }], ['throttled', 1], ['throttled', 1, 0]],
  ['throttling of Graph for a second', [{ kind: 'throttled-in-band', seconds: 1 }], ['ok', 2], ['throttled', 1, 0]],
  [
    'throttling of Graph that ran the call',
    [{ kind: 'throttled-in-band', seconds: 1, form: 'tool-error', ...executed }],
    ['ok', 2],
    ['throttled', 1, 1],
  ],
  ['a permission that Graph misses', [{ kind: 'graph-error' }], ['forbidden', 1], ['forbidden', 1, 0]],
  [
    'a failure of Graph itself',
    [{ kind: 'graph-error', status: 500, code: 'InternalServerError', message: 'x', ...executed }],
    ['server_unavailable', 1],
    ['outcome_unknown', 1, 1],
  ],
  [
    'a page of a gateway',
    [
      {
        kind: 'http',
        status: 502,
        headers: { 'content-type': 'text/html' },
        body: '<html><h1>Bad Gateway</h1></html>',
      },
    ],
    ['server_unavailable', 1],
    ['outcome_unknown', 1, 0],
  ],
  [
    'a page in place of the answer',
    [
      {
        kind: 'http',
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html><title>Sign in</title></html>',
      },
    ],
    ['ok', 2],
    ['outcome_unknown', 1, 0],
  ],
  ['one 401', [{ kind: 'unauthorized' }], ['ok', 2], ['ok', 2, 1]],
  ['two 401', [{ kind: 'unauthorized', times: 2 }], ['ok', 3], ['ok', 3, 1]],
  ['a 401 and a lost answer', [{ kind: 'unauthorized' }, drop('after')], ['ok', 3], ['outcome_unknown', 2, 1]],
  ['a lost session', [{ kind: 'session-lost' }], ['ok', 2], ['ok', 2, 1]],
  ['two lost sessions', [{ kind: 'session-lost', times: 2 }], ['server_unavailable', 2], ['server_unavailable', 2, 0]],
  [
    'a lost session and a lost answer',
    [{ kind: 'session-lost' }, drop('after')],
    ['server_unavailable', 2],
    ['outcome_unknown', 2, 1],
  ],
  ['no entitlement', [{ kind: 'entitlement' }], ['entitlement_required', 1], ['entitlement_required', 1, 0]],
  ['HTTP 403', [{ kind: 'forbidden' }], ['forbidden', 1], ['forbidden', 1, 0]],
  [
    'HTTP 403 of missing consent',
    [{ kind: 'forbidden', form: 'required-scopes' }],
    ['consent_required', 1],
    ['consent_required', 1, 0],
  ],
  ['an issuer mismatch', [{ kind: 'issuer-mismatch' }], ['admin_action_required', 1], ['admin_action_required', 1, 0]],
  ['a JSON-RPC error', [{ kind: 'rpc-error' }], ['execution_failed', 1], ['execution_failed', 1, 0]],
  ['a redirect', [{ kind: 'redirect' }], ['server_unavailable', 1], ['server_unavailable', 1, 0]],
];

const retryable = new Set<string>(['throttled', 'timeout', 'server_unavailable']);

async function refreshes(): Promise<number> {
  return (await stack.entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
}

async function running(): Promise<number> {
  return (await stack.workiq.control.snapshot()).concurrentCalls.current;
}

async function cancelNotices(): Promise<number> {
  return (await stack.workiq.control.snapshot()).methods['notifications/cancelled'] ?? 0;
}

describe('outcomes - faults of the server [P10]', () => {
  for (const framing of ['json', 'sse'] as const) {
    for (const [what, faults, [readCode, readSent], [writeCode, writeSent, effects]] of table) {
      test(`outcomes - ${what} with ${framing} replies: a read is ${readCode} after ${readSent} sending(s) [P10]`, async () => {
        await stack.workiq.control.set({ mcpFraming: framing });
        const { code, sent, retryable: again } = await attempt('read', faults);
        assert.deepEqual({ code, sent }, { code: readCode, sent: readSent });
        if (code !== 'ok') assert.equal(again, retryable.has(code) && what !== 'a redirect');
      });
      test(`outcomes - ${what} with ${framing} replies: a write is ${writeCode}, ran ${effects} time(s) and is not retryable [P10]`, async () => {
        await stack.workiq.control.set({ mcpFraming: framing });
        const { code, sent, effects: ran, retryable: again } = await attempt('write', faults);
        assert.deepEqual({ code, sent, ran }, { code: writeCode, sent: writeSent, ran: effects });
        assert.ok(again !== true);
      });
    }
  }

  test('outcomes - throttling says when to come back, for a read and for a write', async () => {
    for (const kind of ['read', 'write'] as const) {
      assert.equal((await attempt(kind, [{ kind: 'throttled', seconds: 30 }])).retryAfterMs, 30_000);
      const { retryAfterMs = 0 } = await attempt(kind, [{ kind: 'throttled', seconds: 30, as: 'date' }]);
      assert.ok(retryAfterMs > 20_000 && retryAfterMs <= 30_000);
      assert.equal((await attempt(kind, [{ kind: 'busy', retryAfterSeconds: 70 }])).retryAfterMs, 70_000);
    }
  });
});

describe('outcomes - refused bearers [P10]', () => {
  test('outcomes - one 401 costs one refresh and one more sending with another bearer', async () => {
    const earlier = await refreshes();
    assert.equal((await attempt('write', [{ kind: 'unauthorized' }])).code, 'ok');
    assert.equal((await refreshes()) - earlier, 1);
    const seen = (await stack.workiq.control.requests()).filter(({ tool }) => tool === 'create_entity').slice(-2);
    assert.deepEqual(
      seen.map(({ status }) => status),
      [401, 200],
    );
    assert.notEqual(seen[0]?.authorizationSha256, seen[1]?.authorizationSha256);
  });

  test('outcomes - auth_required carries what WWW-Authenticate said and what to do', async () => {
    const { code, message } = await attempt('read', [{ kind: 'unauthorized', times: 'all' }]);
    assert.equal(code, 'auth_required');
    assert.match(
      message,
      /profile "workiq".*see http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp/,
    );
    await stack.workiq.control.clearFaults();
    assert.equal((await attempt('read', [])).code, 'ok', 'the server is not given up because of it');
  });

  test('outcomes - the claims of a challenge are asked for at Entra, and told to nobody [P6]', async () => {
    const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: '1700000001' } } });
    const earlier = (await stack.entra.control.counters()).claimsRequests;
    assert.equal((await attempt('read', [{ kind: 'unauthorized', claims }])).code, 'ok');
    assert.equal((await stack.entra.control.counters()).claimsRequests - earlier, 1);
    const { message } = await attempt('read', [{ kind: 'unauthorized', claims, times: 'all' }]);
    assert.doesNotMatch(message, /nbf|1700000001/);
  });

  test('outcomes - fifty calls whose bearer is refused at once make one refresh [P7]', async () => {
    await stack.entra.control.revokeAccessTokens();
    const earlier = await refreshes();
    await Promise.all(Array.from({ length: 50 }, () => stack.call('fetch', { entityUrls: ['/me?$select=id'] })));
    assert.equal((await refreshes()) - earlier, 1);
  });

  test('outcomes - a refresh that fails while Entra is down is no sign-in problem, and the write is not sent again [P9] [P10]', async () => {
    await stack.entra.control.changeSettings({ outage: 'reset' });
    const { code, sent, effects } = await attempt('write', [{ kind: 'unauthorized' }]);
    await stack.entra.control.changeSettings({ outage: 'none' });
    assert.deepEqual({ code, sent, effects }, { code: 'server_unavailable', sent: 1, effects: 0 });
    await until('calls succeed again', async () => (await attempt('read', [])).code === 'ok');
  });
});

describe('outcomes - time [P10]', () => {
  for (const framing of ['json', 'sse'] as const) {
    test(`outcomes - when the time of a read is over its request ends at the server, which is told (${framing}) [P10]`, async () => {
      await stack.workiq.control.set({ mcpFraming: framing });
      const earlier = await cancelNotices();
      const { code, retryable: again, sent } = await attempt('read', [{ kind: 'hang' }], 150);
      assert.deepEqual({ code, again, sent }, { code: 'timeout', again: true, sent: 1 });
      await until('the server sees it', async () => (await running()) === 0 && (await cancelNotices()) === earlier + 1);
    });
  }

  test('outcomes - when the time of a write is over its outcome is unknown, whether it ran or not [P10]', async () => {
    const hanging = await attempt('write', [{ kind: 'hang' }], 150);
    assert.deepEqual(
      [hanging.code, hanging.retryable, hanging.sent, hanging.effects],
      ['outcome_unknown', false, 1, 0],
    );
    const ran = await attempt('write', [{ kind: 'hang', executes: true }], 150);
    assert.deepEqual([ran.code, ran.retryable, ran.sent, ran.effects], ['outcome_unknown', false, 1, 1]);
    await until('the requests are gone', async () => (await running()) === 0);
  });

  test('outcomes - a stream that reports progress is ended with its call, and the server stops working', async () => {
    const { cancelled } = await stack.workiq.control.snapshot();
    await stack.workiq.control.set({ askLatencyMs: 20_000 });
    const error = await failureOf(stack.call('ask', { question: 'Slow?' }, { timeoutMs: 200 }));
    assert.equal(error.code, 'timeout');
    await until('the server stops', async () => (await stack.workiq.control.snapshot()).cancelled === cancelled + 1);
    assert.equal(await running(), 0);
  });

  test('outcomes - the time of a call includes waiting for a bearer, and what was not sent is known not to have run [P10]', async () => {
    await stack.entra.control.changeSettings({ hang: true });
    await stack.workiq.control.inject({ kind: 'unauthorized' });
    const error = await failureOf(stack.call('fetch', { entityUrls: ['/me'] }, { timeoutMs: 300 }));
    assert.equal(error.code, 'timeout');
    await stack.entra.control.changeSettings({ hang: false });
    await until('calls succeed again', async () => (await attempt('read', [])).code === 'ok', { timeoutMs: 30_000 });
  });
});

describe('outcomes - a server that is killed [P10]', () => {
  test('outcomes - a write under way when its server dies is unknown and not sent to the next one; reads go on [P10]', async () => {
    await using own = await startStack({ workiq: { mutations: 'allowed' } });
    await own.connect();
    const port = new URL(own.workiq.origin).port;
    await own.workiq.control.set({ latencyMs: 20_000 });
    const { entityUrls } = { entityUrls: ['/me?$select=id'] };
    const write = failureOf(own.call('create_entity', { parentUrl: '/me/messages', jsonBody: '{"subject":"killed"}' }));
    const read = own.call('fetch', { entityUrls });
    read.catch(() => undefined);
    await until('both run', async () => (await own.workiq.control.snapshot()).concurrentCalls.current === 2);
    own.workiq.child.kill('SIGKILL');
    await own.workiq.child.exited;
    const error = await write;
    assert.equal(error.code, 'outcome_unknown');
    assert.equal(error.retryable, false);
    const ofRead = await failureOf(read);
    assert.equal(ofRead.code, 'server_unavailable');
    assert.equal(ofRead.retryable, true);
    const notSent = await failureOf(own.call('create_entity', { parentUrl: '/me/messages', jsonBody: '{}' }));
    assert.deepEqual([notSent.code, notSent.retryable], ['server_unavailable', false]);

    await using next = await startChild({
      name: 'workiq',
      args: [
        new URL('../support/workiq/main.ts', import.meta.url).pathname,
        '--introspect',
        `${own.entra.adminUrl}/introspect`,
        '--port',
        port,
      ],
      readyLine: jsonLine,
    });
    await until('the agent has found it again', () => own.call('fetch', { entityUrls }).catch(() => false));
    const { adminUrl } = next.ready as { adminUrl: string };
    const { tools, sideEffects } = await connectWorkIqAdmin(adminUrl).snapshot();
    assert.equal(tools['create_entity'], undefined);
    assert.deepEqual(sideEffects, []);
  });
});
