// Nothing that looks like a credential passes the one redaction that stands before every sink.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { createUser } from '@nats-io/nkeys';
import { createLogger } from '../../agent/logger.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { redact, redactedExcerpt, redactValue } from '../../shared/redaction.ts';
import { Secret } from '../../shared/secret.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const body = (bytes: number): string => randomBytes(bytes).toString('base64url');

const secrets: Record<string, string> = {
  'an access token': `${part({ typ: 'JWT', alg: 'RS256', kid: 'k' })}.${part({ aud: 'x', scp: 'y' })}.${body(256)}`,
  'an encrypted hand-off': `${part({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', epk: { x: body(32) } })}.${body(40)}.${body(12)}.${body(900)}.${body(16)}`,
  'a refresh token': `1.AXkA${body(480)}`,
  'an older refresh token': `0.AVYA${body(480)}`,
  'an nkey seed': new TextDecoder().decode(createUser().getSeed()),
  'a private key': `-----BEGIN PRIVATE KEY-----\n${randomBytes(48).toString('base64')}\n-----END PRIVATE KEY-----`,
};

/** How a secret gets into a text. */
const settings: Record<string, (secret: string) => string> = {
  alone: (secret) => secret,
  'in a sentence': (secret) => `The request with ${secret} failed.`,
  'in a header': (secret) => `authorization: Bearer ${secret}\r\naccept: */*`,
  'in JSON': (secret) => JSON.stringify({ access_token: secret, expires_in: 3600 }),
  'in JSON inside JSON': (secret) => JSON.stringify({ body: JSON.stringify({ refresh_token: secret }) }),
  'in a form': (secret) => `grant_type=refresh_token&refresh_token=${encodeURIComponent(secret)}&scope=x`,
  'in a query': (secret) => `https://login.example/cb?code=${encodeURIComponent(secret)}&state=1`,
  'between quotes': (secret) => `'${secret}'`,
  'behind a dash': (secret) => `token-${secret}`,
};

const longest = (secret: string): string => secret.split(/[\n.]/).toSorted((a, b) => b.length - a.length)[0] ?? '';

describe('redaction [P6]', () => {
  for (const [what, secret] of Object.entries(secrets)) {
    for (const [where, write] of Object.entries(settings)) {
      // Keys and seeds travel in no token field, query or behind a dash.
      if (!/token|hand-off/.test(what) && /dash|query|form/.test(where)) continue;
      test(`redaction - ${what} ${where} is taken out [P6]`, () => {
        const clean = redact(write(secret));
        assert.ok(!clean.includes(longest(secret).slice(0, 24)), clean);
        assert.ok(!clean.includes(longest(secret).slice(-24)), clean);
        assert.match(clean, /\[redacted\]/);
      });
    }
  }

  const named: [text: string, clean: string][] = [
    ['password=hunter2hunter2', 'password=[redacted]'],
    ['client_secret: "hunter2"', 'client_secret: "[redacted]"'],
    ['device_code=ABC&x=1', 'device_code=[redacted]&x=1'],
    ['https://user:hunter2@host.example/a', 'https://[redacted]@host.example/a'],
    ['Basic aHVudGVyMg==', 'Basic [redacted]'],
    ['key sk-live-hunter2 failed', 'key [redacted] failed'],
    ['/s/sk-proj-Ab1cdefghijklmnop/mcp', '/s/[redacted]/mcp'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', '[redacted]'],
    ['github_pat_11ABCDEFG0123456789_abcdef', '[redacted]'],
    ['glpat-abcdefghij0123456789', '[redacted]'],
    ['xoxb-123456789012-abcdef', '[redacted]'],
    ['AIzaSyA1234567890abcdefghijklmnopqrstuv', '[redacted]'],
    ['?code=hunter2&session=1', '?code=[redacted]&session=1'],
  ];
  for (const [text, clean] of named) {
    test(`redaction - ${text} becomes ${clean} [P6]`, () => {
      assert.equal(redact(text), clean);
    });
  }

  test('redaction - ordinary text stays as it is', () => {
    const texts = [
      'The server "workiq" answers HTTP 503.',
      'AADSTS50173: The provided grant has expired.',
      'https://workiq.svc.cloud.microsoft/mcp?tenant=contoso',
      'traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'UABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVW',
      'the token of the user was refreshed',
      'Passwords are never stored.',
      'The task-force asked for sk-SK and sk-learn-version-of-the-month.',
    ];
    for (const text of texts) assert.equal(redact(text), text);
  });

  test('redaction - redacting twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom(...Object.values(secrets), 'Bearer ', 'password=', '?code=', '"')),
        ),
        (pieces) => {
          const once = redact(pieces.join(''));
          assert.equal(redact(once), once);
        },
      ),
    );
  });

  test('redaction - hostile repetition costs linear time', () => {
    const pieces = [
      'eyJaaaaaaaaaa-',
      'eyJaaaaaaaaaa.',
      '0.A',
      'M.C1',
      'Bearer ',
      '-----BEGIN A',
      '-----BEGIN A-----',
      'secret',
      'secret=',
      'a://',
      'a://x:',
      'abc+',
      'SUA',
      'sk-',
      'sk-a1',
      'AKIA',
      '?code=',
      'access_token \\',
      ' ',
      '\\',
    ];
    const startedAt = process.cpuUsage();
    for (const piece of pieces) redact(piece.repeat(Math.ceil(200_000 / piece.length)));
    assert.ok(process.cpuUsage(startedAt).user < 5_000_000, 'less than five seconds of computing');
  });

  test('redaction - an excerpt neither exceeds its length nor shows the half of a token [P6]', () => {
    for (const secret of [secrets['an access token'], secrets['a refresh token']]) {
      for (let shift = 8_192 - 900; shift <= 8_192; shift += 10) {
        const clean = redactedExcerpt(`${' x'.repeat(shift / 2)} ${secret}`, 100_000);
        assert.ok(!clean.includes(longest(secret ?? '').slice(0, 24)), String(shift));
      }
    }
    assert.equal(redactedExcerpt('x'.repeat(50), 10), 'xxxxxxxxxx');
  });

  test('redaction - values are masked by their names at any depth, and errors keep no more than name and message [P6]', () => {
    const token = secrets['an access token'] ?? '';
    const clean = redactValue({
      refreshToken: 'short',
      list: [{ Authorization: 'x', ok: 1 }],
      error: Object.assign(new Error(`failed with ${token}`), { config: { secret: 'x' } }),
      nested: { a: { b: { c: { d: { e: { f: token } } } } } },
    });
    assert.deepEqual(clean, {
      refreshToken: '[redacted]',
      list: [{ Authorization: '[redacted]', ok: 1 }],
      error: { name: 'Error', message: 'failed with [redacted]' },
      nested: { a: { b: { c: { d: { e: '[deep]' } } } } },
    });
  });

  test('redaction - log lines pass through it with message and fields, and stay one line of JSON [P6]', () => {
    const lines: string[] = [];
    const logger = createLogger({ level: 'debug', write: (line) => lines.push(line) });
    for (const secret of Object.values(secrets)) {
      logger.info(`got ${secret}`, { text: secret, error: new Error(secret), list: [secret], token: secret });
    }
    for (const line of lines) {
      assert.equal(line.indexOf('\n'), line.length - 1);
      JSON.parse(line);
    }
    for (const secret of Object.values(secrets)) assert.ok(!lines.join('').includes(longest(secret).slice(0, 24)));
  });

  test('redaction - errors for the wire pass through it, and unknown ones say nothing of themselves [P6]', () => {
    const token = secrets['an access token'] ?? '';
    const error = new RockBotError({ code: 'execution_failed', message: `bad ${token}`, action: `use ${token}` });
    assert.doesNotMatch(JSON.stringify(toWireError(error)), /eyJ/);
    const unknown = toWireError(new Error(token));
    assert.equal(unknown.code, 'internal');
    assert.doesNotMatch(JSON.stringify(unknown), /eyJ/);
  });

  test('redaction - a Secret prints nowhere [P6]', () => {
    const secret = new Secret('hunter2');
    const shown = [
      String(secret),
      'a '.concat(secret as unknown as string),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9 }),
    ].join();
    assert.doesNotMatch(shown, /hunter/);
    assert.equal(secret.reveal(), 'hunter2');
  });
});
