// MSAL's network client against a real HTTP server that answers as gateways, proxies and broken services do.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { TokenEndpointClient, type TokenEndpointFailure } from '../../agent/auth/token-endpoint.ts';
import { createDispatcher } from '../../agent/dispatcher.ts';
import { parseRetryAfter } from '../../shared/retry-after.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let answer: Answer = (response) => response.end();
let seen: IncomingMessage | undefined;
const server = createServer((request, response) => {
  seen = request;
  request.resume().on('end', () => answer(response, request));
});
const dispatcher = createDispatcher({ env: {} });
let url = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenant/token?x=1`;
});
after(async () => {
  await dispatcher.close();
  server.closeAllConnections();
  server.close();
});

function client(options: { timeoutMs?: number; closing?: AbortSignal } = {}): TokenEndpointClient {
  const { closing = new AbortController().signal, ...more } = options;
  return new TokenEndpointClient({ dispatcher: () => dispatcher.get(), closing, ...more });
}

async function post(reply: Answer): Promise<{ status: number; body: unknown; said: TokenEndpointFailure | undefined }> {
  answer = reply;
  const network = client();
  const { status, body } = await network.sendPostRequestAsync(url, { body: 'grant_type=refresh_token' });
  return { status, body, said: network.takeFailure() };
}

const reply =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

const json = (value: unknown): string => JSON.stringify(value);

describe('token endpoint - answers without a token or a refusal are an outage [P9]', () => {
  const html = '<!DOCTYPE html><h2>Our services are not available right now</h2>';
  const outages: Record<string, Answer> = {
    '503 with a page': reply(503, html, { 'content-type': 'text/html' }),
    '503 with JSON that is no error': reply(503, json({ message: 'busy' })),
    '503 with a revoking refusal in it': reply(503, json({ error: 'invalid_grant', suberror: 'bad_token' })),
    '500 without a body': reply(500, ''),
    '502 with a truncated document': reply(502, '{"error":"inv'),
    '429 with Entra words': reply(429, json({ error: 'invalid_grant', error_description: 'AADSTS90055' })),
    '200 with {}': reply(200, '{}'),
    '200 without a body': reply(200, ''),
    '200 with a page of a captive portal': reply(200, html),
    '200 with a cut document': reply(200, '{"token_type":"Bearer","expires_in":36'),
    '200 with an array': reply(200, '[]'),
    '200 with null': reply(200, 'null'),
    '200 with a number as token': reply(200, json({ access_token: 7 })),
    '302 to somewhere': reply(302, '', { location: 'https://portal.example/' }),
    '400 with a page': reply(400, html),
    '400 with an empty error': reply(400, json({ error: '' })),
    '400 with a number as error': reply(400, json({ error: 50173 })),
    '403 of a proxy': reply(403, 'Forbidden by proxy'),
    '407 of a proxy': reply(407, 'Proxy authentication required'),
  };
  for (const [name, outage] of Object.entries(outages)) {
    test(`token endpoint - ${name} reads as temporarily_unavailable [P9]`, async () => {
      const { status, body, said } = await post(outage);
      assert.equal((body as { error: unknown }).error, 'temporarily_unavailable');
      assert.equal(said?.error, 'temporarily_unavailable');
      assert.equal(status, 400, 'MSAL throttles itself after 429 and 5xx');
      assert.doesNotMatch(json([body, said]), /Our services|portal/);
    });
  }
});

test('token endpoint - a token is passed on as it came, and nothing is remembered', async () => {
  const { status, body, said } = await post(reply(200, json({ access_token: 'abc', expires_in: 3600 })));
  assert.equal(status, 200);
  assert.deepEqual(body, { access_token: 'abc', expires_in: 3600 });
  assert.equal(said, undefined);
});

test('token endpoint - a refusal is passed on with everything that the classification needs', async () => {
  const refusal = {
    error: 'invalid_grant',
    suberror: 'bad_token',
    error_description: 'AADSTS50173: x',
    claims: '{"access_token":{}}',
    error_codes: [50173],
  };
  const { status, body, said } = await post(reply(400, json(refusal)));
  assert.equal(status, 400);
  assert.deepEqual(body, refusal);
  assert.deepEqual(said, {
    status: 400,
    error: 'invalid_grant',
    suberror: 'bad_token',
    description: 'AADSTS50173: x',
    claims: '{"access_token":{}}',
    retryAfterMs: undefined,
  });
});

test('token endpoint - Retry-After of a 429 and a 503 is kept for the back-off, and hidden from MSAL', async () => {
  for (const status of [429, 503]) {
    answer = reply(status, '', { 'retry-after': '7' });
    const network = client();
    const { headers } = await network.sendPostRequestAsync(url, { body: '' });
    assert.deepEqual(headers, {});
    assert.equal(network.takeFailure()?.retryAfterMs, 7_000);
  }
});

test('token endpoint - what an earlier request said is forgotten by the next one, and after it was taken', async () => {
  const network = client();
  answer = reply(503, '');
  await network.sendPostRequestAsync(url, { body: '' });
  answer = reply(200, json({ access_token: 'abc' }));
  await network.sendPostRequestAsync(url, { body: '' });
  assert.equal(network.takeFailure(), undefined);
  answer = reply(503, '');
  await network.sendPostRequestAsync(url, { body: '' });
  assert.ok(network.takeFailure() !== undefined);
  assert.equal(network.takeFailure(), undefined);
});

test('token endpoint - a GET passes any JSON object, and a page of an outage is one as well', async () => {
  answer = reply(200, json({ token_endpoint: 'https://login.example/token' }));
  const network = client();
  const { body } = await network.sendGetRequestAsync(url, { headers: { 'x-test': 'yes' } });
  assert.deepEqual(body, { token_endpoint: 'https://login.example/token' });
  assert.equal(seen?.method, 'GET');
  assert.equal(seen?.url, '/tenant/token?x=1');
  assert.equal(seen?.headers['x-test'], 'yes');
  answer = reply(200, '<html></html>');
  await network.sendGetRequestAsync(url);
  assert.equal(network.takeFailure()?.error, 'temporarily_unavailable');
});

test('token endpoint - an endpoint that never answers is given up after the time for a request [P9]', async () => {
  answer = () => undefined;
  const network = client({ timeoutMs: 80 });
  await assert.rejects(network.sendPostRequestAsync(url, { body: '' }));
  assert.equal(network.takeFailure()?.error, 'temporarily_unavailable');
});

test('token endpoint - an answer that never ends is given up as well [P9]', async () => {
  answer = (response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(drip));
  };
  const network = client({ timeoutMs: 120 });
  await assert.rejects(network.sendPostRequestAsync(url, { body: '' }));
  assert.equal(network.takeFailure()?.error, 'temporarily_unavailable');
});

test('token endpoint - a request under way ends when the agent stops', async () => {
  const closing = new AbortController();
  answer = () => closing.abort(new Error('stopping'));
  await assert.rejects(client({ closing: closing.signal }).sendPostRequestAsync(url, { body: '' }));
});

test('token endpoint - a dropped connection and a closed port are an outage that names the reason only [P6, P9]', async () => {
  answer = (response) => response.destroy();
  const network = client();
  await assert.rejects(network.sendPostRequestAsync(url, { body: 'refresh_token=secret' }));
  const dropped = network.takeFailure();
  assert.equal(dropped?.error, 'temporarily_unavailable');
  assert.doesNotMatch(json(dropped), /secret|127\.0\.0\.1/);
  await assert.rejects(network.sendPostRequestAsync('http://127.0.0.1:1/token', { body: '' }));
  assert.match(network.takeFailure()?.description ?? '', /ECONNREFUSED/);
});

test('token endpoint - an answer of more than 1 MB is not read to its end', async () => {
  answer = (response) => {
    response.on('error', () => undefined);
    response.writeHead(200).end(json({ access_token: 'x'.repeat(3 * 1024 * 1024) }));
  };
  const network = client();
  await assert.rejects(network.sendPostRequestAsync(url, { body: '' }));
  assert.equal(network.takeFailure()?.error, 'temporarily_unavailable');
});

test('token endpoint - Retry-After is read as seconds or as a date, and nonsense is nothing', () => {
  const now = Date.parse('2026-03-01T08:00:00Z');
  const cases: [string | undefined, number | undefined][] = [
    [undefined, undefined],
    ['0', 100],
    ['7', 7_000],
    ['1.5', 1_500],
    ['-3', undefined],
    ['1, 2', undefined],
    ['0x10', undefined],
    ['1e9', undefined],
    ['Infinity', undefined],
    ['9'.repeat(400), 86_400_000],
    ['99999999', 86_400_000],
    ['Sun, 01 Mar 2026 08:00:30 GMT', 30_000],
    ['Sunday, 01-Mar-26 08:00:30 GMT', 30_000],
    ['Sun Mar  1 08:00:30 2026', 30_000],
    ['2026-03-01T08:00:30Z', 30_000],
    ['Sun, 01 Mar 2126 08:00:00 GMT', 86_400_000],
    ['Sun, 01 Mar 2026 07:00:00 GMT', undefined],
    ['soon', undefined],
    ['', undefined],
  ];
  for (const [value, expected] of cases) assert.equal(parseRetryAfter(value, now), expected, String(value));
});
