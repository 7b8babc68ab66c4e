// Status codes inside results that call themselves a success: one part, all parts, some parts, and who may say such things.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { CallFacts } from '../../agent/bridge/call-facts.ts';
import { checkResult } from '../../agent/bridge/result-error.ts';
import type { ErrorCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const facts = (sideEffects: 'read' | 'write', isWorkIq = true): CallFacts => ({
  server: 'workiq',
  tool: 'fetch',
  sideEffects,
  isWorkIq,
});
const graph = (code: string, message: string, more: object = {}): object => ({ error: { code, message, ...more } });
const part = (statusCode: number, data: unknown = {}): object => ({ statusCode, data });
const structured = (structuredContent: Record<string, unknown>): CallToolResult => ({
  content: [],
  structuredContent,
  isError: false,
});
const text = (...texts: string[]): CallToolResult => ({
  content: texts.map((block) => ({ type: 'text', text: block })),
});

function failureOf(result: CallToolResult, asked: CallFacts): RockBotError {
  try {
    checkResult(result, asked);
  } catch (error) {
    assert.ok(error instanceof RockBotError, String(error));
    return error;
  }
  return assert.fail('the result was taken for a success');
}

/** The status and body; the code for a read, whether it may be tried again, the code for a write. */
const statuses: [status: number, data: unknown, read: ErrorCode, again: boolean, write: ErrorCode][] = [
  [400, graph('InefficientFilter', 'The restriction is too complex.'), 'invalid_arguments', false, 'invalid_arguments'],
  [401, graph('InvalidAuthenticationToken', 'Lifetime validation failed.'), 'forbidden', false, 'forbidden'],
  [402, graph('PaymentRequired', 'x'), 'entitlement_required', false, 'entitlement_required'],
  [403, graph('Forbidden', 'Missing scope permissions on the request.'), 'forbidden', false, 'forbidden'],
  [403, graph('Forbidden', 'Access denied for path: /me/todo'), 'policy_denied', false, 'policy_denied'],
  [
    404,
    graph('ErrorItemNotFound', 'The specified object was not found.'),
    'execution_failed',
    false,
    'execution_failed',
  ],
  [409, graph('Conflict', 'x'), 'execution_failed', false, 'execution_failed'],
  [412, graph('PreconditionFailed', 'etag'), 'execution_failed', false, 'execution_failed'],
  [413, graph('RequestTooLarge', 'x'), 'payload_too_large', false, 'payload_too_large'],
  [429, graph('TooManyRequests', 'x'), 'throttled', true, 'throttled'],
  [500, graph('InternalServerError', 'x'), 'server_unavailable', true, 'outcome_unknown'],
  [503, undefined, 'server_unavailable', true, 'outcome_unknown'],
  [504, graph('GatewayTimeout', 'x'), 'timeout', true, 'outcome_unknown'],
];

describe('results of Microsoft 365', () => {
  for (const [status, data, read, again, write] of statuses) {
    test(`graph failures - status ${status} ${JSON.stringify(data)} is ${read} for a read and ${write} for a write [P10]`, () => {
      for (const result of [structured({ results: [part(status, data)] }), structured({ statusCode: status, data })]) {
        const ofRead = failureOf(result, facts('read'));
        assert.equal(ofRead.code, read);
        assert.equal(ofRead.retryable, again);
        const ofWrite = failureOf(result, facts('write'));
        assert.equal(ofWrite.code, write);
        assert.equal(ofWrite.retryable, false);
        for (const error of [ofRead, ofWrite]) {
          assert.ok(error.action);
          assert.equal(error.result, result, 'the result stays attached');
        }
      }
    });
  }

  test('graph failures - the message says what the service said, with its id and when to come back', () => {
    const data = graph('TooManyRequests', 'Slow down', { retryAfterSeconds: 7, innerError: { 'request-id': 'r-7' } });
    const error = failureOf(structured({ statusCode: 429, data }), facts('read'));
    assert.match(error.message, /TooManyRequests: Slow down/);
    assert.equal(error.retryAfterMs, 7_000);
    assert.equal(error.requestId, 'r-7');
    const headers = { 'Retry-After': '9', 'request-id': 'r-9' };
    const ofBatch = failureOf(
      structured({ responses: [{ id: '1', status: 429, headers, body: graph('x', 'y') }] }),
      facts('read'),
    );
    assert.equal(ofBatch.retryAfterMs, 9_000);
    assert.equal(ofBatch.requestId, 'r-9');
  });

  test('graph failures - one part that failed among several is told beside what succeeded', () => {
    const results = [part(200, { id: 1 }), part(404, graph('ErrorItemNotFound', 'gone')), part(200), part(429)];
    const failures = checkResult(structured({ results }), facts('read'));
    assert.deepEqual(
      failures.map(({ index, error }) => [index, error.code]),
      [
        [1, 'execution_failed'],
        [3, 'throttled'],
      ],
    );
  });

  test('graph failures - when all of several parts failed the call failed, and is retried only if each may be', () => {
    const mixed = failureOf(structured({ results: [part(429), part(403)] }), facts('read'));
    assert.match(mixed.message, /^All 2 parts failed/);
    assert.equal(mixed.retryable, false);
    assert.equal(failureOf(structured({ results: [part(429), part(503)] }), facts('read')).retryable, true);
  });

  test('graph failures - JSON that is split over text blocks, with a correlation id, is read as one', () => {
    const json = JSON.stringify({ statusCode: 403, data: graph('Forbidden', 'Missing scope') });
    const error = failureOf(text(json.slice(0, 20), json.slice(20), 'CorrelationId: c-1'), facts('read'));
    assert.equal(error.code, 'forbidden');
    const blob = failureOf(text(JSON.stringify({ error: 'TooLarge', message: 'no', requestId: 'b-1' })), facts('read'));
    assert.equal(blob.code, 'invalid_arguments');
    assert.equal(blob.requestId, 'b-1');
  });

  test('graph failures - those inside a batch, with odd statuses and beside isError are found as well', () => {
    const batch = {
      responses: [
        { id: '1', status: 403, body: graph('Forbidden', 'no') },
        { id: '2', status: 200 },
      ],
    };
    const inBatch = checkResult(structured({ statusCode: 200, data: batch }), facts('write'));
    assert.deepEqual(
      inBatch.map(({ index, error }) => [index, error.code]),
      [[0, 'forbidden']],
    );
    assert.equal(failureOf(structured({ statusCode: '500' }), facts('write')).code, 'outcome_unknown');
    assert.equal(failureOf(structured({ statusCode: 302 }), facts('read')).code, 'execution_failed');
    assert.equal(failureOf(structured({ statusCode: 0 }), facts('write')).code, 'outcome_unknown');
    assert.equal(failureOf(structured({ status: 'failed', error: 'no rows' }), facts('read')).code, 'execution_failed');
    const wait = failureOf(structured({ statusCode: 429, retryAfterSeconds: 1 }), facts('read'));
    assert.equal(wait.retryAfterMs, 1_000);
    const told = { ...structured({ statusCode: 403, data: graph('Forbidden', 'no') }), isError: true };
    assert.equal(failureOf(told, facts('read')).code, 'forbidden');
  });

  test('graph failures - nothing, a page, a refusal and a busy service are no successes', () => {
    const page = '<!DOCTYPE html><html><title>Sign in</title></html>';
    for (const nothing of [text('null'), text(''), text('{"results":null}'), structured({ results: [null] })]) {
      assert.equal(failureOf(nothing, facts('read')).code, 'execution_failed');
      assert.equal(failureOf(nothing, facts('write')).code, 'outcome_unknown');
    }
    assert.equal(failureOf(text(page), facts('read')).code, 'execution_failed');
    assert.equal(failureOf(text(page), facts('write')).code, 'outcome_unknown');
    assert.equal(failureOf(text('Access denied for path: /me/foo'), facts('write')).code, 'policy_denied');
    const busy = failureOf(text('{"error":"busy","retryAfterSeconds":1}'), facts('read'));
    assert.deepEqual([busy.code, busy.retryAfterMs, busy.retryable], ['throttled', 1_000, true]);
    for (const odd of [text('null'), text(''), text(page)])
      assert.deepEqual(checkResult(odd, facts('read', false)), []);
  });

  test('graph failures - a success, an empty list and a stranger with status codes of his own are no failures', () => {
    const successes = [
      structured({ results: [part(200), part(204)] }),
      structured({ results: [] }),
      structured({ statusCode: 202 }),
      structured({ results: ['x', 7] }),
      structured({ data: { error: 'is a column here' } }),
      text('{"response":"an error occurred yesterday","conversationId":"c"}'),
      text('{"error":null,"value":[]}'),
      text('{broken'),
    ];
    for (const result of successes) assert.deepEqual(checkResult(result, facts('write')), [], JSON.stringify(result));
    assert.deepEqual(checkResult(structured({ statusCode: 404, data: {} }), facts('read', false)), []);
  });

  test('graph failures - credentials in a failed result reach nobody [P6]', () => {
    const bearer = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`;
    const error = failureOf(
      structured({ statusCode: 403, data: graph('Forbidden', `token ${bearer}`) }),
      facts('read'),
    );
    assert.ok(!JSON.stringify([error.message, error.result]).includes(bearer));
  });
});
