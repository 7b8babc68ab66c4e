// What variables brought into an entry of mcp.json is found in everything that a server's words become, in each way it is written.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readQuestion } from '../../agent/bridge/elicitation-request.ts';
import { ExpandedSecrets } from '../../agent/bridge/expanded-secrets.ts';
import { maskStrings } from '../../agent/bridge/mask-strings.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';

function holding(variables: Record<string, string>): ExpandedSecrets {
  const secrets = new ExpandedSecrets();
  const look = secrets.watch((name) => variables[name]);
  for (const name of Object.keys(variables)) look(name);
  return secrets;
}

describe('expanded secrets [P6]', () => {
  test('expanded secrets - one that begins another leaves nothing of it, in whatever order they came [P6]', () => {
    const values = { SHORT: 'hunter2', LONG: 'hunter2-and-more' };
    assert.equal(holding(values).mask('a hunter2-and-more b hunter2 c'), 'a [redacted] b [redacted] c');
    assert.equal(holding({ LONG: values.LONG, SHORT: values.SHORT }).mask('hunter2-and-more'), '[redacted]');
  });

  test('expanded secrets - are found in every part of an error, also in the result of the tool [P6]', () => {
    const secret = 'pass"word\\1';
    const error = new RockBotError({
      code: 'execution_failed',
      message: `It failed with ${secret}.`,
      action: `Do not use ${secret}.`,
      requestId: secret,
      problems: [`a: ${secret}`],
      result: { isError: true, content: [{ type: 'text', text: `I got ${secret}`, [secret]: [secret] }] },
      inputSchema: { type: 'object', description: secret },
    });
    const masked = holding({ KEY: secret }).maskIn(error);
    const { message, action, requestId, problems, result, inputSchema } = masked;
    const told = { message, action, requestId, problems, result, inputSchema };
    assert.doesNotMatch(JSON.stringify(told), /pass|word/);
    assert.equal(masked.message, 'It failed with [redacted].');
    assert.equal(masked.code, 'execution_failed');
    assert.deepEqual(result, {
      isError: true,
      content: [{ type: 'text', text: 'I got [redacted]', '[redacted]': ['[redacted]'] }],
    });
  });

  test('expanded secrets - are found as JSON and addresses write them [P6]', () => {
    const secret = 'pass"word/ä';
    const secrets = holding({ KEY: secret });
    for (const text of [JSON.stringify({ key: secret }), encodeURIComponent(secret), encodeURI(secret)])
      assert.doesNotMatch(secrets.mask(text), /pass|word/, text);
  });

  test('expanded secrets - an error that repeats none is the same error; the host, short values and the tenant are none', () => {
    const secrets = holding({ HOST: 'tickets.example', WORD: 'short', [tenantVariable]: '11111111-2222' });
    secrets.allow('api.tickets.example:8443');
    const error = new RockBotError({ code: 'server_unavailable', message: 'tickets.example short 11111111-2222' });
    assert.equal(secrets.maskIn(error), error);
  });

  test('expanded secrets - a question of a server is masked in each of its texts, with quotes or without [P6]', () => {
    const secret = 'say "friend" \\ now';
    const secrets = holding({ KEY: secret });
    const params = {
      message: `Is it ${secret}?`,
      requestedSchema: {
        type: 'object',
        properties: { word: { type: 'string', title: `Word ${secret}`, description: secret } },
      },
    };
    const read = readQuestion(params, (text) => secrets.mask(text));
    assert.equal(read.kind, 'question');
    assert.doesNotMatch(JSON.stringify(read), /friend/);
  });

  test('expanded secrets - what is nested beyond reason is not passed on', () => {
    let value: unknown = 'secret';
    for (let depth = 0; depth < 50_000; depth++) value = [value];
    assert.doesNotMatch(JSON.stringify(maskStrings(value, (text) => text)), /secret/);
  });
});
