// What servers say in errors, as it reaches people over the bus: on one line, bounded, read as it is written.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HttpStatusError, JsonRpcError } from '../../agent/bridge/call-errors.ts';
import { callError } from '../../agent/bridge/call-outcome.ts';
import { checkResult } from '../../agent/bridge/result-error.ts';
import { saidText } from '../../agent/bridge/said-text.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { redactedExcerpt } from '../../shared/redaction.ts';

const facts = { server: 's', tool: 't', sideEffects: 'read', isWorkIq: true } as const;
const hostile = 'not \u202efound\u202c\r\n\u001b[31mINFO all is well\u2028next';

function resultErrorOf(text: string): Error {
  try {
    checkResult({ isError: true, content: [{ type: 'text', text }] }, facts);
  } catch (error) {
    return error as Error;
  }
  return assert.fail('no error');
}

const ways: Record<string, (text: string) => Error> = {
  'a JSON-RPC error': (text) => callError(new JsonRpcError({ code: -32000, message: text }), facts),
  'the body of a status': (text) => callError(new HttpStatusError(400, text, {}), facts),
  'JSON in the body of a status': (text) =>
    callError(new HttpStatusError(400, JSON.stringify({ error: { code: 'x', message: text } }), {}), facts),
  'a page': (text) => callError(new HttpStatusError(500, `<html><body><p>${text}</p></body></html>`, {}), facts),
  'a result': (text) => resultErrorOf(text),
  'a busy result': (text) => resultErrorOf(JSON.stringify({ error: 'busy', message: text, retryAfterSeconds: 1 })),
};

describe('said text', () => {
  for (const [way, errorOf] of Object.entries(ways)) {
    test(`said text - ${way} stays on one line and deceives nobody`, () => {
      const { message } = toWireError(errorOf(hostile));
      assert.doesNotMatch(message, /[\p{Cc}\u202a-\u202e\u2028\u2029]/u);
      assert.match(message, /not found .*INFO all is well next/);
    });
    test(`said text - ${way} of 3 MB is cut, and not lost`, () => {
      for (const text of ['x'.repeat(3_000_000), `Error: ${'y'.repeat(3_000_000)}`, 'Error z '.repeat(400_000)]) {
        const { message } = toWireError(errorOf(text));
        assert.ok(message.length < 1_000, String(message.length));
        assert.match(message, /xxxxxxxx|yyyyyyyy|Error z/);
      }
    });
  }

  test('said text - a credential that the cut halves is not shown, also in a text that is one word [P6]', () => {
    const token = `eyJhbGciOiJSUzI1NiJ9.${'p'.repeat(600)}.${'s'.repeat(300)}`;
    for (const before of [7_400, 8_100, 8_180])
      assert.doesNotMatch(redactedExcerpt(`${'a '.repeat(before / 2)}${token}`, 9_000), /ppp|sss/);
    assert.doesNotMatch(saidText(`${token}${'x'.repeat(3_000_000)}`, 500), /ppp|sss/);
  });

  test('said text - nobody is told to wait for years', () => {
    const busy = { error: 'busy', message: 'x', retryAfterSeconds: 1e300 };
    assert.equal(toWireError(resultErrorOf(JSON.stringify(busy))).retryAfterMs, 86_400_000);
    const later = new JsonRpcError({ code: 429, message: 'x', data: { retryAfterSeconds: 1e12 } });
    assert.equal(toWireError(callError(later, facts)).retryAfterMs, 86_400_000);
  });
});
