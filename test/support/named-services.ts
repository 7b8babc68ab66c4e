// Loopback services under names of their own, over TLS and reachable through a CONNECT proxy only, as on a company's network.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface NamedService {
  /** A name that resolves nowhere, such as `login.example`. */
  host: string;
  /** Origin of the service itself. In text that it answers the name takes its place. */
  upstream: string;
}

export interface NamedServices extends AsyncDisposable {
  /** With user and password, which it demands. */
  proxyUrl: string;
  /** PEM file of who vouches for the names. */
  caFile: string;
  /** `host:port` of every tunnel that was opened. */
  tunnels: string[];
}

const credentials = 'user:p%40ss';

export async function startNamedServices(services: readonly NamedService[]): Promise<NamedServices> {
  const hosts = services.map(({ host }) => host);
  const certificate = await generate([{ name: 'commonName', value: hosts[0] ?? '' }], {
    extensions: [{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2 as const, value })) }],
  });
  const front = createTlsServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    const [name] = request.headers.host?.split(':') ?? [];
    const service = services.find(({ host }) => host === name);
    if (service === undefined) response.writeHead(421).end();
    else forward(service, request, response);
  });
  const tunnels: string[] = [];
  const expected = `Basic ${Buffer.from(decodeURIComponent(credentials)).toString('base64')}`;
  const proxy = createServer().on('connect', (request, socket, head) => {
    const [host = ''] = request.url?.split(':') ?? [];
    const status =
      request.headers['proxy-authorization'] !== expected
        ? '407 Proxy Authentication Required'
        : hosts.includes(host)
          ? undefined
          : '502 Bad Gateway';
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
      return;
    }
    tunnels.push(request.url ?? '');
    const target = connect((front.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  for (const server of [front, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-named-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificate.cert);
  return {
    proxyUrl: `http://${credentials}@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    caFile,
    tunnels,
    async [Symbol.asyncDispose]() {
      for (const server of [proxy, front]) {
        server.closeAllConnections();
        server.close();
      }
      await rm(folder, { recursive: true });
    },
  };
}

function forward({ host, upstream }: NamedService, request: IncomingMessage, response: ServerResponse): void {
  const target = new URL(request.url ?? '/', upstream);
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { ...request.headers, host: target.host };
  // The service's own certificate is for another name and of no interest here.
  const onward = send(target, { method: request.method, headers, rejectUnauthorized: false }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8').replaceAll(upstream, `https://${host}`);
      const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, kept).end(body);
    });
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}
