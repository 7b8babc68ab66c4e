// Nothing that looks like a credential gets through the redaction that every sink uses, and nothing else is lost.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, test } from 'node:test';
import { createUser, createAccount } from '@nats-io/nkeys';
import { createLogger } from '../../agent/logger.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { redact, redactValue } from '../../shared/redaction.ts';
import { Secret } from '../../shared/secret.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
const jsonPart = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Freshly made, in the forms that really occur. */
const secrets: Record<string, () => string> = {
  'an access token (JWT)': () =>
    `${jsonPart({ typ: 'JWT', alg: 'RS256' })}.${jsonPart({ upn: 'adele' })}.${random(256)}`,
  'a sealed hand-off (JWE)': () =>
    `${jsonPart({ alg: 'ECDH-ES+A256KW' })}.${random(40)}.${random(12)}.${random(900)}.${random(16)}`,
  'a refresh token of Entra': () => `1.AXkA${random(480)}`,
  'an older refresh token of Entra': () => `0.AR8A${random(480)}.AgABAAEAAAD-${random(100)}`,
  'a refresh token of a Microsoft account': () => `M.C540_BL2.0.U.-${random(120)}`,
  'an nkey seed of a user': () => new TextDecoder().decode(createUser().getSeed()),
  'an nkey seed of an account': () => new TextDecoder().decode(createAccount().getSeed()),
  'a private key': () => `-----BEGIN PRIVATE KEY-----\n${random(60)}\n-----END PRIVATE KEY-----`,
  'a private key that was cut': () => `-----BEGIN PRIVATE KEY-----\n${random(60)}`,
};

/** Contexts in which a secret may meet a sink; the secret replaces `{}`. */
const contexts = [
  '{}',
  'failed with {} at the end',
  '{"value":"{}"}',
  "token='{}'",
  'https://host.example/path?x=1&code={}&y=2',
  'Authorization: Bearer {}',
  '({})',
];

describe('redaction - secrets', () => {
  for (const [name, make] of Object.entries(secrets)) {
    test(`redaction - ${name} is taken out wherever it stands [P6]`, () => {
      for (const context of contexts) {
        const secret = make();
        const clean = redact(context.replace('{}', () => secret));
        for (const part of secret.split(/[.\n]/).filter((piece) => piece.length > 24 && !piece.startsWith('-----')))
          assert.ok(!clean.includes(part), `${context}: ${clean}`);
        assert.match(clean, /\[redacted\]/);
      }
    });
  }

  const named: Record<string, string> = {
    'a form': 'grant_type=refresh_token&refresh_token=hunter2&client_id=app',
    JSON: '{"client_secret":"hunter2","client_id":"app"}',
    'JSON in JSON': '{"body":"{\\"refresh_token\\":\\"hunter2\\"}"}',
    'an assignment': 'password = hunter2',
    'a device code': 'device_code=hunter2',
    'a verifier': '"code_verifier": "hunter2"',
    'a bearer': 'authorization: bearer hunter2',
    'a basic header': 'Authorization: Basic hunter2=',
    'a bus address': 'wss://robot:hunter2@bus.example:443/x',
    'a redirect': 'http://localhost:1234/?code=hunter2&state=hunter2',
  };
  for (const [name, text] of Object.entries(named)) {
    test(`redaction - a secret without a form of its own is known by its name in ${name} [P6]`, () => {
      assert.doesNotMatch(redact(text), /hunter2/);
    });
  }

  test('redaction - what it has cleaned stays as it is', () => {
    const anything = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.constantFrom(...Object.values(named)),
      fc.constantFrom(...contexts),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 4 }), (parts) => {
        const clean = redact(parts.join(' '));
        assert.equal(redact(clean), clean);
      }),
    );
  });

  test('redaction - plain words, ids, numbers and addresses stay readable', () => {
    for (const text of [
      'AADSTS50173: The provided grant has expired.',
      'The server "workiq" answers at https://workiq.svc.cloud.microsoft/mcp.',
      'Trace ID: 7f9c2ba4-e88f-4d7e-9a3b-000000000000',
      `The signer U${'A'.repeat(55)} may not connect this agent.`,
      'adele@contoso.example',
      'Run "rockbot auth workiq".',
      'secretary of state',
      'https://host.example/path?page=2&top=25',
    ])
      assert.equal(redact(text), text);
  });
});

describe('redaction - values', () => {
  test('redaction - members with secret names are masked at any depth, others kept [P6]', () => {
    const clean = redactValue({
      accessToken: 'opaque-1',
      nested: { refresh_token: 'opaque-2', list: [{ clientSecret: 'opaque-3' }, { password: 'opaque-4' }] },
      headers: { Authorization: 'opaque-5', 'Set-Cookie': 'opaque-6' },
      tokens: 7,
      name: 'adele',
    });
    assert.doesNotMatch(JSON.stringify(clean), /opaque/);
    assert.equal((clean as { name: string }).name, 'adele');
    assert.equal((clean as { tokens: number }).tokens, 7);
  });

  test('redaction - an error gives name and message, without cause and stack [P6]', () => {
    const error = new TypeError('sent Bearer abcdefghijk', { cause: new Error('refresh_token=hunter2') });
    assert.deepEqual(redactValue({ error }), { error: { name: 'TypeError', message: 'sent Bearer [redacted]' } });
  });

  test('redaction - never throws, whatever it is given, and what it gives can be written as JSON', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const values = [
      loop,
      undefined,
      null,
      7n,
      Symbol('s'),
      () => 1,
      new Map([['a', 1]]),
      new Uint8Array(4),
      new Date(0),
    ];
    for (const value of values) assert.doesNotThrow(() => JSON.stringify(redactValue({ value })));
  });
});

describe('redaction - sinks', () => {
  test('redaction - a log line holds no secret, neither in its message nor in its fields [P6]', () => {
    const secret = secrets['an access token (JWT)']?.() ?? '';
    const lines: string[] = [];
    const logger = createLogger({ level: 'debug', fields: { agent: 'rockbot' }, write: (line) => lines.push(line) });
    logger.info(`sent ${secret}`, { error: new Error(`got ${secret}`), deep: { list: [secret] }, token: 'opaque' });
    assert.equal(lines.length, 1);
    assert.ok(!lines[0]?.includes(secret.slice(0, 40)) && !lines[0]?.includes('opaque'));
    assert.equal((JSON.parse(lines[0] ?? '') as { agent: string }).agent, 'rockbot');
  });

  test('redaction - an error on the wire holds no secret, and an unknown one no detail at all [P6]', () => {
    const secret = secrets['a refresh token of Entra']?.() ?? '';
    const told = toWireError(new RockBotError({ code: 'internal', message: `was ${secret}`, action: `use ${secret}` }));
    assert.doesNotMatch(JSON.stringify(told), /AXkA/);
    assert.doesNotMatch(JSON.stringify(toWireError(new Error('/data/agent/secrets'))), /secrets/);
  });

  test('redaction - a Secret prints nowhere and is revealed on demand only [P6]', () => {
    const secret = new Secret('hunter2');
    for (const text of [
      ['a', secret].join(),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: { secret } }),
      String(secret),
    ])
      assert.doesNotMatch(text, /hunter2/);
    assert.equal(secret.reveal(), 'hunter2');
  });
});
