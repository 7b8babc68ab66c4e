// Which texts are origins that a bearer may go to, and which tokens and addresses are brought together.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAllowed, sendWithBearer } from '../../agent/bridge/bearer.ts';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { isLoopbackHost, parseOrigin } from '../../shared/origin.ts';

describe('origins [P11]', () => {
  const table: [text: string, origin: string | undefined][] = [
    ['https://workiq.svc.cloud.microsoft', 'https://workiq.svc.cloud.microsoft'],
    ['https://workiq.svc.cloud.microsoft/', 'https://workiq.svc.cloud.microsoft'],
    ['HTTPS://WorkIQ.svc.cloud.microsoft:443', 'https://workiq.svc.cloud.microsoft'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://2130706433:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:1', 'http://localhost:1'],
    ['http://[::1]:1', 'http://[::1]:1'],
    ['http://workiq.svc.cloud.microsoft', undefined],
    ['http://localhost.example', undefined],
    ['http://127.0.0.1.example', undefined],
    ['http://0.0.0.0:8080', undefined],
    ['http://[::]:1', undefined],
    ['http://10.0.0.1', undefined],
    ['https://host/mcp', undefined],
    ['https://host?x', undefined],
    ['https://host#x', undefined],
    ['https://user@host', undefined],
    ['https://user:pw@host', undefined],
    ['https://*.microsoft', undefined],
    ['*', undefined],
    ['wss://host', undefined],
    ['file:///x', undefined],
    ['host', undefined],
    ['', undefined],
  ];
  for (const [text, origin] of table) {
    test(`origins - ${JSON.stringify(text)} is ${origin ?? 'none'} [P11]`, () => {
      assert.equal(parseOrigin(text), origin);
    });
  }

  test('origins - only addresses of this machine are loopback [P11]', () => {
    for (const host of ['localhost', '[::1]', '127.0.0.1', '127.1.2.3']) assert.ok(isLoopbackHost(host), host);
    for (const host of ['localhost.', 'LOCALHOST.example', '127.0.0.1.nip.io', '0.0.0.0', '[::]', '128.0.0.1', ''])
      assert.ok(!isLoopbackHost(host), host);
  });

  const tokens: TokenProvider = {
    profile: 'workiq',
    allowedOrigins: new Set(['https://allowed.example', 'http://127.0.0.1:8080']),
    token: () => 'secret-bearer',
    refresh: async () => 'fresh-bearer',
  };
  const addresses: [url: string, isAllowed: boolean][] = [
    ['https://allowed.example/any/path?q', true],
    ['https://ALLOWED.example:443/', true],
    ['http://127.0.0.1:8080/mcp', true],
    ['http://127.1:8080/mcp', true],
    ['http://allowed.example/', false],
    ['https://allowed.example:8443/', false],
    ['https://allowed.example./', false],
    ['https://allowed.example.evil.example/', false],
    ['https://evil.example/https://allowed.example', false],
    ['https://allowed.example@evil.example/', false],
    ['https://user@allowed.example/', false],
    ['https://:pw@allowed.example/', false],
    ['https://127.0.0.1:8080/', false],
    ['http://127.0.0.1:8081/', false],
    ['http://localhost:8080/', false],
    ['http://0.0.0.0:8080/', false],
    ['http://[::1]:8080/', false],
  ];
  for (const [url, isAllowed] of addresses) {
    test(`origins - the bearer ${isAllowed ? 'may' : 'may not'} go to ${url} [P11]`, async () => {
      const sent: (string | undefined)[] = [];
      const sending = sendWithBearer({
        server: 'x',
        tokens,
        url: new URL(url),
        send: async ({ authorization }) => {
          sent.push(authorization);
          return 200;
        },
        head: (status) => ({ status, header: () => undefined }),
      });
      if (isAllowed) {
        await sending;
        assert.deepEqual(sent, ['Bearer secret-bearer']);
        assertAllowed(tokens, new URL(url), 'x');
      } else {
        await assert.rejects(sending, (error) => {
          assert.ok(error instanceof RockBotError);
          assert.equal(error.code, 'forbidden');
          assert.match(error.action ?? '', /WorkIQ__AllowedOrigins/);
          return true;
        });
        assert.deepEqual(sent, [], 'nothing is sent at all');
      }
    });
  }
});
