// What is logged of failed requests to Entra: real requests to real servers, with and without a trusted certificate.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { after, test } from 'node:test';
import { generate } from 'selfsigned';
import { createEntraLog } from '../../agent/auth/entra-log.ts';
import { reasonOf, refreshFailure } from '../../agent/auth/refresh-failure.ts';
import { TokenEndpointClient } from '../../agent/auth/token-endpoint.ts';
import { createDispatcher } from '../../agent/dispatcher.ts';
import { createLogger } from '../../agent/logger.ts';

const dispatcher = createDispatcher({ env: {} });
const servers: Server[] = [];
after(async () => {
  await dispatcher.close();
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function watched(options: { timeoutMs?: number } = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => void lines.push(JSON.parse(line) as never) });
  const closing = new AbortController();
  const client = new TokenEndpointClient({
    dispatcher: () => dispatcher.get(),
    closing: closing.signal,
    log: createEntraLog(logger),
    ...options,
  });
  const post = (url: string): Promise<unknown> =>
    client
      .sendPostRequestAsync(url, { body: 'grant_type=refresh_token&refresh_token=very-secret' })
      .catch(() => undefined);
  const at = (level: string): Record<string, unknown>[] => lines.filter((line) => line['level'] === level);
  return { client, closing, post, at, text: () => JSON.stringify(lines) };
}

test('entra log - each failure is told at debug, a new cause once as a warning, and the end of it [P6]', async () => {
  const correlation_id = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736';
  const refusal = { error: 'invalid_grant', error_description: 'AADSTS50173: very-secret', correlation_id };
  let answer: RequestListener = (_request, response) => response.writeHead(503).end('<html>very-secret</html>');
  const host = await listen(createServer((request, response) => answer(request, response)));
  const { post, at, text } = watched();
  const url = `http://${host}/tenant/token?client=very-secret`;
  for (let more = 0; more < 3; more++) await post(url);
  assert.equal(at('debug').length, 3);
  assert.equal(at('warn').length, 1);
  assert.deepEqual([at('warn')[0]?.['host'], at('warn')[0]?.['status']], [host, 503]);

  answer = (_request, response) => response.writeHead(400).end(JSON.stringify(refusal));
  for (let more = 0; more < 2; more++) await post(url);
  const { status, error, aadsts, correlationId } = at('warn')[1] as Record<string, unknown>;
  assert.deepEqual([status, error, aadsts, correlationId], [400, 'invalid_grant', 'AADSTS50173', correlation_id]);

  answer = (_request, response) => response.end(JSON.stringify({ access_token: 'very-secret' }));
  await post(url);
  assert.equal(at('info').length, 1);
  answer = (_request, response) => response.destroy();
  await post(url);
  await post('http://127.0.0.1:1/token');
  assert.deepEqual(
    at('warn').map(({ code }) => code),
    [undefined, undefined, 'UND_ERR_SOCKET', 'ECONNREFUSED'],
  );
  assert.doesNotMatch(text(), /very-secret/);
});

test('entra log - no answer in time is told as such, and a stop of the agent is no failure', async () => {
  const host = await listen(createServer(() => undefined));
  const { post, at, closing } = watched({ timeoutMs: 100 });
  await post(`http://${host}/token`);
  assert.match(String(at('warn')[0]?.['code']), /timeout/i);
  const stopping = post(`http://${host}/token`);
  closing.abort(new Error('stopping'));
  await stopping;
  assert.equal(at('debug').length, 1);
});

test('entra log - an untrusted certificate is plain in the log and in the reason of the state', async () => {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }]);
  const host = await listen(
    createTlsServer({ key: pair.private, cert: pair.cert }, (_request, response) => response.end()),
  );
  const { post, at, client } = watched();
  await post(`https://${host}/token`);
  assert.match(String(at('warn')[0]?.['code']), /SELF_SIGNED_CERT/);
  const { failure } = refreshFailure(new Error('endpoints_resolution_error'), client.takeFailure());
  const { code, message, action } = reasonOf(failure);
  assert.equal(code, 'server_unavailable');
  assert.match(message, new RegExp(`certificate of ${host} is not trusted \\(.*SELF_SIGNED_CERT`));
  assert.match(action, /WorkIQ__CaFile/);
});
