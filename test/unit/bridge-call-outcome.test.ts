// Every error class against reads and writes: its code, whether a program may try again, and that no write ever may.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import {
  AnswerLostError,
  HttpStatusError,
  JsonRpcError,
  NotSentError,
  NullResultError,
  SessionLostError,
} from '../../agent/bridge/call-errors.ts';
import { refuseRedirect } from '../../agent/bridge/bearer.ts';
import { callError, unsentError } from '../../agent/bridge/call-outcome.ts';
import type { CallFacts } from '../../agent/bridge/call-facts.ts';
import { checkResult } from '../../agent/bridge/result-error.ts';
import { ReplyTooLargeError } from '../../agent/bridge/http-exchange.ts';
import { errorCodes, type ErrorCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';

const facts = (sideEffects: 'read' | 'write'): CallFacts => ({ server: 'workiq', tool: 'fetch', sideEffects });
const ours = (code: ErrorCode): RockBotError => new RockBotError({ code, message: 'm', action: 'a' });
const http = (status: number, body = '', retryAfter?: string): HttpStatusError =>
  new HttpStatusError(status, body, { retryAfter });
const json = (value: unknown): string => JSON.stringify(value);

/** The error that a result means; undefined for none. */
function resultError(result: CallToolResult | undefined, asked: CallFacts): RockBotError | undefined {
  try {
    assert.deepEqual(checkResult(result, asked), []);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RockBotError, String(error));
    return error;
  }
}

/** What the answer of a server with that status makes of a call. */
function redirected(status: number): unknown {
  try {
    const head = () => ({ status, header: () => undefined });
    return refuseRedirect({}, { server: 'mail', head });
  } catch (error) {
    return error;
  }
}

/** What failed, the code for a read, whether a read may be tried again, the code for a write. */
const calls: [what: string, error: unknown, read: ErrorCode, again: boolean, write: ErrorCode][] = [
  ['a request that never left', new NotSentError('ECONNREFUSED'), 'server_unavailable', true, 'server_unavailable'],
  ['a lost answer', new AnswerLostError('ECONNRESET'), 'server_unavailable', true, 'outcome_unknown'],
  ['an answer of null', new NullResultError('null'), 'execution_failed', false, 'outcome_unknown'],
  ['a session lost before running', new SessionLostError(true), 'server_unavailable', true, 'server_unavailable'],
  ['a session lost at a gateway', new SessionLostError(false), 'server_unavailable', true, 'outcome_unknown'],
  ['an answer too large', new ReplyTooLargeError(), 'payload_too_large', false, 'outcome_unknown'],
  ['a redirect that says nothing was run', redirected(307), 'server_unavailable', false, 'server_unavailable'],
  ['a redirect that may come afterwards', redirected(303), 'server_unavailable', false, 'outcome_unknown'],
  ['anything unknown', new TypeError('x'), 'server_unavailable', true, 'outcome_unknown'],
  ['something thrown that is no error', 'x', 'server_unavailable', true, 'outcome_unknown'],
  ['time over', ours('timeout'), 'timeout', true, 'outcome_unknown'],
  ['a cancel', ours('cancelled'), 'cancelled', false, 'cancelled'],
  ['no sign-in', ours('auth_required'), 'auth_required', false, 'auth_required'],
  ['no consent', ours('consent_required'), 'consent_required', false, 'consent_required'],
  ['Entra out of reach', ours('server_unavailable'), 'server_unavailable', true, 'server_unavailable'],
  ['a foreign origin', ours('forbidden'), 'forbidden', false, 'forbidden'],
  [
    'HTTP 400',
    http(400, json({ error: { code: 'Bad', message: 'no' } })),
    'execution_failed',
    false,
    'execution_failed',
  ],
  [
    'HTTP 400 of a tenant that is no GUID',
    http(400, json({ error: { code: 'TenantIdInvalid', message: 'The tenant id in the path is not a GUID.' } })),
    'admin_action_required',
    false,
    'admin_action_required',
  ],
  [
    'HTTP 400 of another issuer',
    http(400, json({ error: { code: 'AuthenticationError', message: 'Error authenticating with resource' } })),
    'admin_action_required',
    false,
    'admin_action_required',
  ],
  [
    'HTTP 403 as RFC 6750 says it',
    http(403, json({ error: 'insufficient_scope', error_description: 'mail:read is needed' })),
    'consent_required',
    false,
    'consent_required',
  ],
  ['HTTP 402', http(402), 'entitlement_required', false, 'entitlement_required'],
  [
    'a JSON-RPC error that says when to come back',
    new JsonRpcError({ code: -32000, message: 'Busy', data: { retryAfterSeconds: 3 } }),
    'throttled',
    true,
    'throttled',
  ],
  [
    'a JSON-RPC error of a server without tools',
    new JsonRpcError({ code: -32601, message: 'Method not found' }),
    'execution_failed',
    false,
    'execution_failed',
  ],
  ['HTTP 401', http(401), 'auth_required', false, 'auth_required'],
  ['HTTP 403', http(403), 'forbidden', false, 'forbidden'],
  [
    'HTTP 403 of a missing scope',
    http(403, "Access denied: Scope 'McpServers.Mail.All' is not present in the request."),
    'consent_required',
    false,
    'consent_required',
  ],
  [
    'HTTP 403 of missing consent',
    http(403, 'Required scopes = [WorkIQAgent.Ask]'),
    'consent_required',
    false,
    'consent_required',
  ],
  [
    'HTTP 403 without a billing policy',
    http(403, json({ error: 'NoPolicy', message: 'AI credits access is not configured for this user.' })),
    'entitlement_required',
    false,
    'entitlement_required',
  ],
  ['HTTP 404', http(404), 'server_unavailable', false, 'server_unavailable'],
  ['HTTP 405', http(405), 'execution_failed', false, 'execution_failed'],
  ['HTTP 429', http(429, '', '17'), 'throttled', true, 'throttled'],
  ['HTTP 500', http(500), 'server_unavailable', true, 'outcome_unknown'],
  ['HTTP 502', http(502, '<html>'), 'server_unavailable', true, 'outcome_unknown'],
  ['HTTP 503', http(503, '', '5'), 'server_unavailable', true, 'outcome_unknown'],
  ['HTTP 504', http(504), 'server_unavailable', true, 'outcome_unknown'],
  [
    'an unknown tool',
    new JsonRpcError({ code: -32602, message: "Unknown tool: 'x'" }),
    'tool_not_found',
    false,
    'tool_not_found',
  ],
  [
    'a tool not found',
    new JsonRpcError({ code: -32602, message: 'Tool x not found' }),
    'tool_not_found',
    false,
    'tool_not_found',
  ],
  [
    'wrong arguments',
    new JsonRpcError({ code: -32602, message: 'path is missing' }),
    'invalid_arguments',
    false,
    'invalid_arguments',
  ],
  [
    "a server's own timeout",
    new JsonRpcError({ code: -32001, message: 'Request timed out' }),
    'timeout',
    true,
    'outcome_unknown',
  ],
  [
    'an internal error',
    new JsonRpcError({ code: -32603, message: 'Internal error' }),
    'execution_failed',
    false,
    'execution_failed',
  ],
];

describe('call outcome - errors of the way [P10]', () => {
  for (const [what, error, read, again, write] of calls) {
    test(`call outcome - ${what} is ${read} for a read${again ? ', to be tried again' : ''} [P10]`, () => {
      const outcome = callError(error, facts('read'));
      assert.equal(outcome.code, read);
      assert.equal(outcome.retryable, again);
    });
    test(`call outcome - ${what} is ${write} for a write, never to be tried again [P10]`, () => {
      const outcome = callError(error, facts('write'));
      assert.equal(outcome.code, write);
      assert.equal(outcome.retryable, false);
    });
  }

  test('call outcome - whatever code comes along, a possible write is never retryable [P10]', () => {
    for (const code of errorCodes) {
      for (const failed of [callError(ours(code), facts('write')), unsentError(ours(code), facts('write'))]) {
        assert.equal(failed.retryable, false, code);
        assert.equal(toWireError(failed).retryable, false, code);
      }
    }
  });

  test('call outcome - what failed before it was sent keeps its code, since nothing was run [P10]', () => {
    assert.equal(unsentError(ours('timeout'), facts('write')).code, 'timeout');
    assert.equal(unsentError(ours('timeout'), facts('read')).retryable, true);
  });

  test('call outcome - an unknown outcome and a cancelled write say to look before repeating [P10]', () => {
    for (const error of [new AnswerLostError('x'), ours('cancelled')])
      assert.match(callError(error, facts('write')).action ?? '', /took effect/);
  });

  test('call outcome - every error says what to do next', () => {
    for (const [what, error] of calls) {
      for (const sideEffects of ['read', 'write'] as const)
        assert.ok(callError(error, facts(sideEffects)).action, what);
    }
  });

  test('call outcome - Retry-After is kept as milliseconds, with a default for 429', () => {
    assert.equal(callError(http(429, '', '17'), facts('read')).retryAfterMs, 17_000);
    assert.equal(callError(http(429), facts('read')).retryAfterMs, 5_000);
    assert.equal(callError(http(429, '', '17'), facts('write')).retryAfterMs, 17_000);
    assert.equal(callError(http(503, '', '3'), facts('read')).retryAfterMs, 3_000);
    const inTenSeconds = new Date(Date.now() + 10_000).toUTCString();
    const { retryAfterMs = 0 } = callError(http(429, '', inTenSeconds), facts('read'));
    assert.ok(retryAfterMs > 7_000 && retryAfterMs <= 10_000, String(retryAfterMs));
    assert.equal(callError(http(429, '', '-5'), facts('read')).retryAfterMs, 5_000);
  });

  test('call outcome - the request id of the far side is kept', () => {
    const error = new HttpStatusError(500, '', { requestId: 'abc' });
    assert.equal(callError(error, facts('read')).requestId, 'abc');
    assert.equal(callError(new HttpStatusError(403, '', { requestId: 'abc' }), facts('write')).requestId, 'abc');
  });

  test('call outcome - the pages of a gateway and secrets in bodies are not repeated [P6]', () => {
    const page = `<!DOCTYPE html><html><head><title>Bad &amp; down</title><style>p{x}</style><script>evil()</script></head>
      <body><!-- secret note --><h1>502</h1><p>Cannot POST /s/sk-live-hunter2hunter2${' long'.repeat(200)}</p></body></html>`;
    for (const error of [http(502, page), new JsonRpcError({ code: -32603, message: page })]) {
      const { message } = callError(error, facts('read'));
      assert.match(message, /: Bad & down 502 Cannot POST \/s\/\[redacted\] long/);
      assert.doesNotMatch(message, /[<>]|evil|note|p\{x|hunter/);
      assert.ok(message.length < 400, message);
    }
    assert.doesNotMatch(callError(http(502, '<html></html>'), facts('read')).message, /html|: \./);
    const token = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.${'s'.repeat(80)}`;
    for (const body of [token, json({ error: { message: `bad ${token}` } }), json({ message: `Bearer ${token}` })]) {
      const { message } = callError(http(400, body), facts('read'));
      assert.doesNotMatch(message, /eyJ|ssss/);
    }
    const said = callError(new JsonRpcError({ code: -32603, message: `no ${token}` }), facts('read')).message;
    assert.doesNotMatch(said, /eyJ|ssss/);
  });

  test('call outcome - an endless message of a hostile server is cut, also in the middle of a token [P6]', () => {
    const token = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.${'s'.repeat(9_000)}`;
    const startedAt = process.cpuUsage();
    for (const text of [token, `${token} `.repeat(10), 'eyJaaaaaaaaaa-'.repeat(1_000_000), 'abc+'.repeat(2_000_000)]) {
      const { message } = callError(new JsonRpcError({ code: -32603, message: text }), facts('read'));
      assert.ok(message.length < 600);
      assert.doesNotMatch(message, /ssss/);
    }
    assert.ok(process.cpuUsage(startedAt).user < 3_000_000, 'less than three seconds of computing');
  });
});

const failed = (text: string, more: object = {}): CallToolResult => ({
  content: [{ type: 'text', text }],
  isError: true,
  ...more,
});

const results: [what: string, result: CallToolResult, read: ErrorCode, again: boolean, write: ErrorCode][] = [
  [
    'no entitlement',
    failed('The caller is not entitled to use this tool. Please check your billing policy and AI credit entitlement.'),
    'entitlement_required',
    false,
    'entitlement_required',
  ],
  ['a policy of the tenant', failed('Access denied for path: /me/todo'), 'policy_denied', false, 'policy_denied'],
  [
    'a busy service',
    failed(json({ error: 'busy', message: 'b', retryAfterSeconds: 30 })),
    'throttled',
    true,
    'throttled',
  ],
  [
    'throttling by Graph',
    failed(json({ error: { code: 'TooManyRequests', message: 'x' }, retryAfterSeconds: 17 })),
    'throttled',
    true,
    'throttled',
  ],
  ['a timeout at the service', failed('The request timed out.'), 'timeout', true, 'outcome_unknown'],
  ['any other text', failed('Something went wrong.'), 'execution_failed', false, 'execution_failed'],
  [
    'arguments that do not fit',
    { content: [{ type: 'text', text: 'MCP error -32602: Input validation error' }], isError: true },
    'invalid_arguments',
    false,
    'invalid_arguments',
  ],
  ['no text', { content: [], isError: true }, 'execution_failed', false, 'execution_failed'],
  [
    'an image',
    { content: [{ type: 'image', data: 'x', mimeType: 'y' }], isError: true },
    'execution_failed',
    false,
    'execution_failed',
  ],
];

describe('call outcome - errors inside results', () => {
  for (const [what, result, read, again, write] of results) {
    test(`call outcome - ${what} is ${read} for a read and ${write} for a write [P10]`, () => {
      const ofRead = resultError(result, facts('read'));
      assert.equal(ofRead?.code, read);
      assert.equal(ofRead?.retryable, again);
      const ofWrite = resultError(result, facts('write'));
      assert.equal(ofWrite?.code, write);
      assert.equal(ofWrite?.retryable, false);
      for (const error of [ofRead, ofWrite]) {
        assert.ok(error?.action);
        assert.equal(error?.result, result, 'the result stays attached');
      }
    });
  }

  test('call outcome - a success is no error, whatever its text says', () => {
    const text = 'Access denied for path: /x. The caller is not entitled';
    assert.equal(resultError({ content: [{ type: 'text', text }] }, facts('read')), undefined);
    assert.equal(resultError({ content: [{ type: 'text', text }], isError: false }, facts('write')), undefined);
    assert.equal(resultError(undefined, facts('read')), undefined);
  });

  test('call outcome - the request id and the time to wait are taken out of the result', () => {
    const busy = failed(json({ error: 'busy', retryAfterSeconds: 30 }), { _meta: { requestId: 'r-1' } });
    assert.equal(resultError(busy, facts('read'))?.requestId, 'r-1');
    assert.equal(resultError(busy, facts('write'))?.retryAfterMs, 30_000);
  });
});

describe('call outcome - large failures', () => {
  test('call outcome - an error carries no more than the beginning of a very large failed result [P6]', () => {
    const error = resultError(
      {
        content: [{ type: 'text', text: `Bearer abcdefghijklmnopqrstuvwxyz ${'failed '.repeat(500_000)}` }],
        isError: true,
      },
      facts('read'),
    );
    const attached = JSON.stringify(error?.result);
    assert.ok(attached.length < 20_000, `${attached.length} characters`);
    assert.match(attached, /failed failed/);
    assert.doesNotMatch(attached, /abcdefghij/);
  });
});
