// How the UI tier reaches the sign-in service: through a proxy, with an own certificate authority, within limits.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectSocket, type AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { generate } from 'selfsigned';
import { trustedCertificates } from '../../extension/bus/trusted-certificates.ts';
import { createEntraHttp, type EntraHttp } from '../../extension/consent/entra-http.ts';
import { createEntraNetwork } from '../../extension/consent/entra-network.ts';

const host = 'login.example';
let certificate: { private: string; cert: string };
let service: ReturnType<typeof createTlsServer>;
let proxy: ReturnType<typeof createServer>;
let answer: (request: IncomingMessage) => [number, string];
const seen: string[] = [];

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

before(async () => {
  certificate = await generate([{ name: 'commonName', value: host }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  service = createTlsServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    const [status, body] = answer(request);
    response.writeHead(status).end(body);
  });
  proxy = createServer().on('connect', (request, socket, head) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    if (request.headers['proxy-authorization'] === undefined) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = connectSocket(portOf(service), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  await Promise.all(
    [service, proxy].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
});

after(() => {
  for (const server of [service, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

function http(env: NodeJS.ProcessEnv, ca: string | undefined = certificate.cert): EntraHttp {
  return createEntraHttp({ env, ca: trustedCertificates(ca) });
}

describe('consent http', () => {
  test('consent http - a proxy with credentials carries the request, and TLS ends at the service', async () => {
    answer = () => [200, '{"ok":true}'];
    const env = { HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${portOf(proxy)}` };
    const reply = await http(env)({ method: 'POST', url: `https://${host}/token`, body: 'a=ü' });
    assert.deepEqual([reply.status, reply.text], [200, '{"ok":true}']);
    assert.deepEqual(seen.splice(0), [`${host}:443 Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
    await assert.rejects(http(env, '')({ method: 'GET', url: `https://${host}/` }), { code: /SELF_SIGNED|UNABLE/ });
  });

  test('consent http - a proxy that refuses or is gone is named, without its password', async () => {
    for (const [env, message] of [
      [{ HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}` }, /proxy 127\.0\.0\.1:\d+ answers 407/],
      [{ HTTPS_PROXY: 'http://user:secret@127.0.0.1:1' }, /proxy 127\.0\.0\.1:1 cannot be reached/],
    ] as const) {
      await assert.rejects(http(env)({ method: 'GET', url: `https://${host}/` }), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    }
  });

  test('consent http - a request can be cancelled, and an endless answer is cut off', async () => {
    const url = `https://localhost:${portOf(service)}/`;
    const local = createEntraHttp({ env: {}, ca: [certificate.cert] });
    await assert.rejects(local({ method: 'GET', url, signal: AbortSignal.abort(new Error('enough')) }), /enough/);
    answer = () => [200, 'x'.repeat(2_000_000)];
    const env = { HTTPS_PROXY: `http://u:p@127.0.0.1:${portOf(proxy)}` };
    await assert.rejects(http(env)({ method: 'GET', url: `https://${host}/` }), /too large/);
  });

  const bodies: [number, string, string | undefined][] = [
    [503, '{"message":"busy"}', 'server_error'],
    [403, '<html>blocked</html>', 'server_error'],
    [200, '<html>captive portal</html>', 'server_error'],
    [200, '{"token_endpoint":"x"}', undefined],
    [400, '{"error":"invalid_grant","error_description":"AADSTS50173"}', 'invalid_grant'],
  ];
  for (const [status, body, error] of bodies) {
    test(`consent http - ${status} with ${body.slice(0, 20)} reads as ${error ?? 'an answer'}`, async () => {
      let requests = 0;
      const network = createEntraNetwork({
        http: async () => {
          requests += 1;
          return { status, headers: {}, text: body };
        },
        clock: { now: () => 0, sleep: async () => undefined },
      });
      const reply = await network.send({
        method: 'POST',
        url: 'https://x/token',
        body: 'grant_type=authorization_code',
      });
      assert.equal(reply.body['error'], error);
      assert.equal(network.lastRefusal?.error, error);
      assert.equal(requests, 1, 'a code is redeemed once');
    });
  }

  test('consent http - discovery and the start of a device code are tried again, twice', async () => {
    for (const call of [
      { method: 'GET', url: 'https://x/.well-known/openid-configuration' },
      { method: 'POST', url: 'https://x/oauth2/v2.0/devicecode', body: 'client_id=x' },
    ] as const) {
      let requests = 0;
      const network = createEntraNetwork({
        http: async () => {
          requests += 1;
          if (requests === 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
          return requests === 2 ? { status: 503, headers: {}, text: '' } : { status: 200, headers: {}, text: '{}' };
        },
        clock: { now: () => 0, sleep: async () => undefined },
      });
      assert.equal((await network.send(call)).status, 200);
      assert.equal(requests, 3);
      assert.equal(network.lastFailure, undefined);
    }
  });
});
