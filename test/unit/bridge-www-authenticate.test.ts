// What is read from WWW-Authenticate headers, as Work IQ, Entra and others send them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeChallenge, parseBearerChallenge } from '../../agent/bridge/www-authenticate.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
const base64 = Buffer.from(claims).toString('base64');

describe('www-authenticate', () => {
  const table: [what: string, header: string | undefined, expected: object | undefined][] = [
    ['no header', undefined, undefined],
    ['an empty header', '', undefined],
    ['another scheme', 'Negotiate', undefined],
    ['a scheme that only begins so', 'BearerX realm="a"', undefined],
    ['the bare scheme', 'Bearer', {}],
    [
      "Work IQ's header",
      'Bearer resource_metadata="https://workiq.svc.cloud.microsoft/.well-known/oauth-protected-resource/mcp"',
      { resourceMetadata: 'https://workiq.svc.cloud.microsoft/.well-known/oauth-protected-resource/mcp' },
    ],
    [
      'a wrong audience',
      'Bearer error="invalid_token", error_description="invalid_audience"',
      { error: 'invalid_token', description: 'invalid_audience' },
    ],
    [
      "Entra's claims challenge",
      `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/v2.0/authorize", error="insufficient_claims", claims="${base64}"`,
      { error: 'insufficient_claims', claims },
    ],
    [
      'claims in base64url without padding',
      `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64url')}"`,
      { error: 'insufficient_claims', claims },
    ],
    ['claims that are no JSON object', `Bearer claims="${Buffer.from('"text"').toString('base64')}"`, {}],
    ['claims that are no base64 of JSON', 'Bearer claims="%%%"', {}],
    ['values without quotes', 'bearer error=invalid_token,scope=a.b', { error: 'invalid_token', scope: 'a.b' }],
    ['escaped quotes', 'Bearer error_description="say \\"please\\""', { description: 'say "please"' }],
    ['blanks around the equals sign', 'Bearer  error = "x"', { error: 'x' }],
    ['a challenge before it', 'Basic realm="x", Bearer error="invalid_token"', { error: 'invalid_token' }],
    ['a challenge behind it', 'Bearer error="a", DPoP error="b", algs="ES256"', { error: 'a' }],
    ['empty values', 'Bearer error="", scope=""', {}],
  ];
  for (const [what, header, expected] of table) {
    test(`www-authenticate - ${what} is read`, () => {
      assert.deepEqual(parseBearerChallenge(header), expected);
    });
  }

  test('www-authenticate - any header is read without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('Bearer ,="\\a_é')) }), (rest) => {
        parseBearerChallenge(`Bearer ${rest}`);
        describeChallenge(parseBearerChallenge(rest));
      }),
      { numRuns: 1_000 },
    );
  });

  test('www-authenticate - hostile repetition costs next to nothing', () => {
    const startedAt = process.cpuUsage();
    for (const piece of ['a', 'a=', 'a="', 'a = "\\', '"', ',bearer', ', ', 'a ', '=']) {
      parseBearerChallenge(`Bearer ${piece.repeat(200_000)}`);
      parseBearerChallenge(piece.repeat(200_000));
    }
    assert.ok(process.cpuUsage(startedAt).user < 2_000_000, 'less than two seconds of computing');
  });

  test('www-authenticate - what is told to a person never holds the claims', () => {
    const challenge = parseBearerChallenge(`Bearer error="insufficient_claims", scope="x/y", claims="${base64}"`);
    assert.equal(describeChallenge(challenge), 'insufficient_claims: scope x/y');
    assert.equal(describeChallenge({}), undefined);
    assert.equal(describeChallenge(undefined), undefined);
  });
});
