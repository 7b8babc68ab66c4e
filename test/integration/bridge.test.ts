// Calls from the UI's bus through the real agent to Work IQ and back: both kinds of endpoint, both framings, sessions,
// progress, cancelling, and everything that is told about a call.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { failureOf } from '../support/call-failure.ts';
import type { LooseJson as Json } from '../support/loose-json.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const agentTools = 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1';
const today = '?startDateTime=2020-01-01T00:00:00Z&endDateTime=2040-01-01T00:00:00Z&$top=5';

let stack: Stack;
let tap: BusTap;

before(async () => {
  stack = await startStack({
    workiq: { mutations: 'allowed', askLatencyMs: 200 },
    servers: (workiq) => ({
      workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } },
      mail: { type: 'http', url: catalogueUrl(workiq.mailUrl), auth: { profile: 'catalogue' } },
      calendar: { url: catalogueUrl(workiq.calendarUrl), auth: { profile: 'catalogue' }, deniedTools: ['*Event*'] },
    }),
  });
  await stack.restartAgent({
    env: {
      Auth__Profiles__catalogue__Scopes: `${agentTools}/McpServers.Mail.All ${agentTools}/McpServers.Calendar.All`,
      Auth__Profiles__catalogue__AllowedOrigins: stack.workiq.origin,
    },
  });
  tap = await tapBus(stack.nats.url);
  await stack.connect();
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

afterEach(async () => {
  await stack.workiq.control.clearFaults();
  await stack.workiq.control.set({ mcpFraming: 'json', catalogueFraming: 'sse', sessions: true, latencyMs: 0 });
});

function catalogueUrl(url: string): string {
  return url.replace(/tenants\/[^/]+/, 'tenants/${WORKIQ_TENANT_ID}');
}

async function result(tool: string, args: object, server = 'workiq'): Promise<Json> {
  return (await stack.call(tool, args, { server })).result;
}

const data = (answer: Json): Json => answer['structuredContent'].results[0].data;
const sendMail = (subject: string): object => ({
  actionUrl: '/me/sendMail',
  jsonBody: JSON.stringify({
    message: {
      subject,
      body: { contentType: 'Text', content: 'Hello' },
      toRecipients: [{ emailAddress: { address: 'megan@contoso.example' } }],
    },
  }),
});
const sent = async (subject: string): Promise<number> =>
  (await stack.workiq.control.snapshot()).mailsSent.filter((mail) => mail === subject).length;

describe('bridge - Work IQ end to end [S1]', () => {
  test('bridge - mail and calendar are read and written on the single endpoint after one consent [S1]', async () => {
    const messages = data(await result('fetch', { entityUrls: ['/me/messages?$top=3&$select=subject'] }));
    assert.equal(messages['value'].length, 3);
    const events = await result('call_function', { functionUrl: `/me/calendarView${today}` });
    assert.ok(events['structuredContent'].data.value.length > 0);
    const answer = await result('do_action', sendMail('From the single endpoint'));
    assert.equal(answer['structuredContent'].statusCode, 202);
    assert.equal(await sent('From the single endpoint'), 1);
  });

  test('bridge - the per-server catalogue answers with a bearer of its own profile and the same consent [S1]', async () => {
    const mail = await result('SearchMessagesQueryParameters', { queryParameters: '?$top=2' }, 'mail');
    assert.match(mail['content'][0].text, /subject/);
    const window = { startDateTime: '2020-01-01T00:00:00Z', endDateTime: '2040-01-01T00:00:00Z', top: 2 };
    const calendar = await result('ListCalendarView', window, 'calendar');
    assert.match(calendar['content'][0].text, /start/);
    await result(
      'SendEmailWithAttachments',
      { to: ['megan@contoso.example'], subject: 'From the catalogue', body: 'x' },
      'mail',
    );
    assert.equal(await sent('From the catalogue'), 1);
    const bearers = await stack.workiq.control.rawAuthorizations();
    const audiences = new Map(
      bearers.map(({ endpoint, authorization }) => {
        const claims = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as Json;
        return [endpoint, claims['aud'] as string];
      }),
    );
    assert.notEqual(audiences.get('mcp'), audiences.get('mcp_MailTools'));
    assert.equal(audiences.get('mcp_MailTools'), audiences.get('mcp_CalendarTools'));
  });

  for (const framing of ['json', 'sse'] as const) {
    test(`bridge - ${framing} replies carry the same result on both kinds of endpoint [S1]`, async () => {
      const expected = await result('fetch', { entityUrls: ['/me?$select=displayName'] });
      await stack.workiq.control.set({ mcpFraming: framing, catalogueFraming: framing });
      assert.deepEqual(await result('fetch', { entityUrls: ['/me?$select=displayName'] }), expected);
      const rooms = await result('GetRooms', {}, 'calendar');
      assert.match(rooms['content'][0].text, /\w/);
    });
  }

  test('bridge - without a server name the only one that has the tool is taken; else the servers are named', async () => {
    const reply = await stack.ui.request('toolInvoke', { callId: 'no-server', tool: 'GetRooms' });
    assert.equal(reply.server, 'calendar');
    const { code, action } = await failureOf(stack.ui.request('toolInvoke', { callId: 'none', tool: 'fetchh' }));
    assert.equal(code, 'tool_not_found');
    assert.match(action ?? '', /fetch/);
  });

  test('bridge - texts of any script and characters that JSON escapes arrive as they were sent', async () => {
    const subject = 'Grüße "q" \\ \u2028 日本語 😀 \u0007';
    await result('do_action', sendMail(subject));
    assert.equal(await sent(subject), 1);
  });
});

describe('bridge - tools and guards', () => {
  test('bridge - an unknown tool is answered with the real names, an unknown server with the servers', async () => {
    const tool = await failureOf(stack.call('fetch_mail', {}));
    assert.equal(tool.code, 'tool_not_found');
    assert.match(tool.action ?? '', /fetch, /);
    const server = await failureOf(stack.call('fetch', {}, { server: 'workiqq' }));
    assert.equal(server.code, 'tool_not_found');
    assert.match(server.action ?? '', /calendar, mail|mail, calendar|workiq/);
  });

  test('bridge - a denied tool is not sent, also by nobody who knows its name', async () => {
    const earlier = (await stack.workiq.control.snapshot()).tools['CreateEvent'] ?? 0;
    const error = await failureOf(stack.call('CreateEvent', {}, { server: 'calendar' }));
    assert.equal(error.code, 'guard_denied');
    assert.equal((await stack.workiq.control.snapshot()).tools['CreateEvent'] ?? 0, earlier);
    const { servers } = await stack.ui.request('toolList', { server: 'calendar' });
    assert.ok(servers[0]?.hidden.some(({ name, code }) => name === 'CreateEvent' && code === 'denied'));
    assert.ok(!servers[0]?.tools.some(({ name }) => name === 'CreateEvent'));
  });

  test('bridge - a denied tool is not sent while its server is still connecting [P14]', async () => {
    await stack.workiq.control.inject({
      kind: 'latency',
      ms: 400,
      method: 'initialize',
      endpoint: 'mcp_CalendarTools',
    });
    await stack.restartAgent();
    const error = await failureOf(stack.call('CreateEvent', { subject: 'x' }, { server: 'calendar' }));
    assert.equal(error.code, 'guard_denied');
    assert.equal((await stack.workiq.control.snapshot()).effectCounts['event.created'] ?? 0, 0);
  });

  test('bridge - arguments that the server refuses are invalid_arguments, a policy is policy_denied', async () => {
    assert.equal((await failureOf(stack.call('fetch', { entityUrls: 5 }))).code, 'invalid_arguments');
    const denied = await failureOf(stack.call('fetch', { entityUrls: ['/me/todo/lists'] }));
    assert.equal(denied.code, 'policy_denied');
    assert.equal(denied.retryable, false);
    assert.ok(denied.result, 'the result of the server comes along');
  });

  test('bridge - a tool that is new on the server is found without waiting for a notice', async () => {
    await stack.workiq.control.changeTools({ add: [{ name: 'brand_new', description: 'x' }], notify: false });
    const answer = await result('brand_new', { a: 1 });
    assert.match(JSON.stringify(answer), /"a":1|\\"a\\":1/);
  });
});

describe('bridge - sessions', () => {
  test('bridge - a lost session costs one initialize and the call succeeds, for a read and for a write [P10]', async () => {
    await result('fetch', { entityUrls: ['/me'] });
    const { methods } = await stack.workiq.control.snapshot();
    await stack.workiq.control.loseSessions();
    await result('fetch', { entityUrls: ['/me'] });
    await stack.workiq.control.loseSessions();
    await result('do_action', sendMail('Over a lost session'));
    assert.equal(await sent('Over a lost session'), 1);
    const later = (await stack.workiq.control.snapshot()).methods;
    assert.equal((later['initialize'] ?? 0) - (methods['initialize'] ?? 0), 2);
  });

  test('bridge - many calls on one lost session open one new session together', async () => {
    await result('fetch', { entityUrls: ['/me'] });
    const { sessions } = await stack.workiq.control.snapshot();
    await stack.workiq.control.loseSessions();
    await Promise.all(Array.from({ length: 20 }, () => result('fetch', { entityUrls: ['/me?$select=id'] })));
    assert.equal((await stack.workiq.control.snapshot()).sessions.created - sessions.created, 1);
  });

  test('bridge - a server that says 400 for a lost session is understood as well', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32000, message: 'Bad Request: No valid session ID provided' },
    });
    await stack.workiq.control.inject({ kind: 'http', status: 400, body });
    await result('do_action', sendMail('Over a 400'));
    assert.equal(await sent('Over a 400'), 1);
  });

  test("bridge - a gateway's 404 does not prove anything: a read is tried again, a write is outcome_unknown [P10]", async () => {
    const gateway = { kind: 'http', status: 404, body: '<html>not here</html>' } as const;
    await stack.workiq.control.inject(gateway);
    await result('fetch', { entityUrls: ['/me'] });
    await stack.workiq.control.inject({ ...gateway, executes: true });
    const error = await failureOf(stack.call('do_action', sendMail('Behind a gateway')));
    assert.equal(error.code, 'outcome_unknown');
    assert.equal(await sent('Behind a gateway'), 1);
  });

  for (const [what, status, body] of [
    ['a plain text', 400, 'Invalid or missing session ID'],
    ['JSON of its own', 400, '{"error":"session_expired"}'],
    [
      'a JSON-RPC error of an uninitialised server',
      400,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: Server not initialized"}}',
    ],
    ['an empty 400', 400, ''],
    ['410', 410, 'gone'],
  ] as const) {
    test(`bridge - a session that is lost with ${what} is made anew: a read is sent again, a write works the next time [P10]`, async () => {
      await result('fetch', { entityUrls: ['/me'] });
      const lost = { kind: 'http', status, body } as const;
      const before = (await stack.workiq.control.snapshot()).methods['initialize'] ?? 0;
      await stack.workiq.control.inject(lost);
      await result('fetch', { entityUrls: ['/me'] });
      assert.equal(((await stack.workiq.control.snapshot()).methods['initialize'] ?? 0) - before, 1);
      await stack.workiq.control.inject(lost);
      const subject = `After ${what}`;
      await stack.call('do_action', sendMail(subject)).catch((error: RockBotError) => {
        assert.equal(error.code, 'outcome_unknown');
      });
      assert.equal(await sent(subject), 0);
      await result('do_action', sendMail(subject));
      assert.equal(await sent(subject), 1);
    });
  }

  test('bridge - a server without sessions is called the same way', async () => {
    await stack.workiq.control.set({ sessions: false });
    await stack.workiq.control.loseSessions();
    for (let round = 0; round < 3; round++) await result('fetch', { entityUrls: ['/me'] });
  });
});

describe('bridge - progress and cancelling', () => {
  test('bridge - progress of a call is told while it runs, on the subject of the call', async () => {
    const seen: Json[] = [];
    const stop = stack.ui.subscribe('toolProgress', (told) => told.progress > 0 && seen.push(told), {
      callId: 'with-progress',
    });
    await stack.ui.flush();
    await stack.ui.request('toolInvoke', {
      callId: 'with-progress',
      server: 'workiq',
      tool: 'ask',
      arguments: { question: 'What is new?' },
    });
    await until('the last step', () => seen.some(({ progress }) => progress === 4));
    stop();
    assert.partialDeepStrictEqual(seen[0], {
      callId: 'with-progress',
      progress: 1,
      total: 4,
      message: 'Understanding the question',
      server: 'workiq',
      tool: 'ask',
    });
    // Of steps that come close together the last one is told.
    const steps = seen.map(({ progress }) => Number(progress));
    assert.deepEqual(
      steps,
      [1, 2, 3, 4].filter((step) => steps.includes(step)),
    );
    const last = (): unknown => tap.on('tool.progress.rockbot.with-progress').at(-1)?.['progress'];
    await until('everybody hears them', () => last() === 4);
  });

  test('bridge - a long call that tells no progress is told to everybody while it runs', async () => {
    await stack.workiq.control.set({ latencyMs: 20_000 });
    const callId = 'silent-and-long';
    const call = stack.ui.request('toolInvoke', {
      callId,
      server: 'workiq',
      tool: 'fetch',
      arguments: { entityUrls: ['/me'] },
    });
    const subject = `tool.progress.rockbot.${callId}`;
    await until('it is told', () => tap.on(subject).length === 1);
    assert.partialDeepStrictEqual(tap.on(subject), [{ callId, progress: 0, server: 'workiq', tool: 'fetch' }]);
    await stack.ui.request('toolCancel', { callId });
    await assert.rejects(call, { code: 'cancelled' });
    await stack.workiq.control.set({ latencyMs: 0 });
  });

  test('bridge - cancelling by id ends the call, tells the server and is answered cancelled', async () => {
    const earlier = await stack.workiq.control.snapshot();
    await stack.workiq.control.set({ askLatencyMs: 20_000 });
    const callId = 'to-be-cancelled';
    const calling = failureOf(
      stack.ui.request('toolInvoke', { callId, server: 'workiq', tool: 'ask', arguments: { question: 'Slow?' } }),
    );
    await until('the call runs', async () => (await stack.workiq.control.snapshot()).concurrentCalls.current === 1);
    assert.deepEqual(withoutOk(await stack.ui.request('toolCancel', { callId })), { callId, cancelled: true });
    const error = await calling;
    assert.equal(error.code, 'cancelled');
    assert.equal(error.retryable, false);
    await until('the server was told', async () => {
      const { cancelled, concurrentCalls } = await stack.workiq.control.snapshot();
      return cancelled === earlier.cancelled + 1 && concurrentCalls.current === 0;
    });
    assert.equal((await stack.ui.request('toolCancel', { callId })).cancelled, false);
    await stack.workiq.control.set({ askLatencyMs: 200 });
  });

  test('bridge - two calls with one id are not run at the same time', async () => {
    await stack.workiq.control.set({ latencyMs: 300 });
    const request = { callId: 'twice', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me'] } };
    const [first, second] = await Promise.allSettled([
      stack.ui.request('toolInvoke', request),
      stack.ui.request('toolInvoke', request),
    ]);
    assert.equal(first.status, 'fulfilled');
    assert.equal(second.status === 'rejected' && second.reason.code, 'invalid_request');
  });
});

describe('bridge - what is told about calls', () => {
  test('bridge - every finished call is an event with its caller, its result or its error', async () => {
    await stack.ui.request('toolInvoke', { callId: 'told-1', server: 'workiq', tool: 'list_agents' });
    await failureOf(
      stack.ui.request('toolInvoke', {
        callId: 'told-2',
        server: 'workiq',
        tool: 'fetch',
        arguments: { entityUrls: ['/me/todo'] },
      }),
    );
    const events = await until('two events', () => {
      const found = tap.on('tool.result.rockbot').filter(({ callId }) => String(callId).startsWith('told-'));
      return found.length === 2 && found;
    });
    const [good, bad] = events as [Json, Json];
    assert.equal(good['ok'], true);
    assert.equal(good['caller'], 'test');
    assert.match(JSON.stringify(good['result']), /Researcher/);
    assert.equal(good['resultBytes'], JSON.stringify(good['result']).length);
    assert.ok(Date.parse(good['startedAt'] as string) > Date.now() - 60_000);
    assert.equal(bad['ok'], false);
    assert.equal(bad['error'].code, 'policy_denied');
    assert.equal('result' in bad['error'], false, 'an event of a failure stays small');
  });

  test('bridge - a result too large for an event is told by its size, and reaches its caller whole', async () => {
    await stack.workiq.control.inject({ kind: 'huge-result', bytes: 5_000_000 });
    const { result: answer } = await stack.ui.request(
      'toolInvoke',
      { callId: 'huge', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me'] } },
      { timeoutMs: 30_000 },
    );
    assert.equal(data(answer)['value'][0].body.content.length, 5_000_000);
    const [event] = await until('the event', () => {
      const found = tap.on('tool.result.rockbot').filter(({ callId }) => callId === 'huge');
      return found.length > 0 && found;
    });
    assert.equal(event?.['result'], undefined);
    assert.ok((event?.['resultBytes'] as number) > 5_000_000);
  });

  for (const [server, tool, args] of [
    ['workiq', 'ask', { question: 'x' }],
    ['mail', 'GetMessage', { id: 'x' }],
  ] as const) {
    test(`bridge - 5 MB of plain text of ${server} arrive whole over the bus`, async () => {
      await stack.workiq.control.inject({ kind: 'huge-result', bytes: 5_000_000 });
      const answer = await result(tool, args, server);
      assert.equal(answer['content'][0].text.length, 5_000_000);
    });
  }

  test('bridge - 900 kB of arguments reach the server', async () => {
    const question = 'é"\\'.repeat(150_000);
    const answer = await result('brand_new', { question });
    assert.equal((JSON.parse(answer['content'][0].text) as Json)['question'], question);
  });

  test('bridge - the audit log has one line per call, without arguments and results', async () => {
    const marker = 'Marked question 4711';
    await stack.ui.request('toolInvoke', {
      callId: 'audited',
      server: 'workiq',
      tool: 'ask',
      arguments: { question: marker },
    });
    const path = join(stack.agent.dataDir, 'audit', 'audit.jsonl');
    const text = await until('the line', async () => {
      const content = await readFile(path, 'utf8');
      return content.includes('"audited"') && content;
    });
    assert.ok(!text.includes(marker));
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    const line = lines.find(({ callId }) => callId === 'audited');
    assert.deepEqual(
      { ...line, at: '', inbox: '', correlationId: '', traceId: '', durationMs: 0 },
      {
        at: '',
        callId: 'audited',
        caller: 'test',
        inbox: '',
        correlationId: '',
        traceId: '',
        server: 'workiq',
        tool: 'ask',
        outcome: 'ok',
        durationMs: 0,
      },
    );
    assert.ok(lines.some(({ outcome }) => outcome === 'policy_denied'));
    const known = [
      'at',
      'callId',
      'caller',
      'inbox',
      'correlationId',
      'traceId',
      'server',
      'tool',
      'outcome',
      'durationMs',
    ];
    for (const each of lines)
      assert.deepEqual(
        Object.keys(each).filter((key) => !known.includes(key)),
        [],
      );
  });

  test('bridge - metrics count calls by server, tool and outcome; names that callers make up become no labels', async () => {
    await failureOf(stack.call('made_up_by_a_caller', {}));
    await failureOf(stack.call('made_up_by_a_caller', {}, { server: 'made_up_server' }));
    await failureOf(stack.call('made_up_Event', {}, { server: 'calendar' }));
    const metrics = await (await fetch(`http://127.0.0.1:${stack.agent.httpPort}/metrics`)).text();
    assert.match(metrics, /rockbot_tool_calls_total\{server="workiq",tool="ask",outcome="ok"\} \d/);
    assert.match(metrics, /rockbot_tool_calls_total\{server="",tool="",outcome="tool_not_found"\} \d/);
    assert.match(metrics, /rockbot_tool_call_duration_seconds_bucket\{le="0.25",server="workiq"\} \d/);
    assert.match(metrics, /rockbot_auth_status\{status="connected"\} 1/);
    assert.match(metrics, /rockbot_bus_connected 1/);
    assert.doesNotMatch(metrics, /made_up/);
  });

  test('bridge - a changed list of tools is told by the server, read again and told on', async () => {
    await result('fetch', { entityUrls: ['/me'] });
    const earlier = tap.on('tool.meta.mcp.rockbot').length;
    await until(
      'the notification stream is open',
      async () => (await stack.workiq.control.notify('notifications/x')) > 0,
    );
    await stack.workiq.control.changeTools({ hide: ['ask'] });
    const told = await until('the event', () => {
      const last = tap.on('tool.meta.mcp.rockbot').slice(earlier).at(-1);
      const server = (last?.['servers'] as Json[] | undefined)?.find(({ name }) => name === 'workiq');
      return server !== undefined && !server['tools'].includes('ask') && server;
    });
    assert.ok(told['tools'].includes('fetch'));
    assert.equal((await failureOf(stack.call('ask', { question: 'x' }))).code, 'tool_not_found');
    await stack.workiq.control.changeTools({ hide: [] });
    await until('the tool is back', async () => {
      const { servers } = await stack.ui.request('toolList', { server: 'workiq' });
      return servers[0]?.tools.some(({ name }) => name === 'ask');
    });
  });
});

function withoutOk(reply: object): object {
  return Object.fromEntries(Object.entries(reply).filter(([name]) => name !== 'ok'));
}
