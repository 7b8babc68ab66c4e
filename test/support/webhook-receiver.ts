// An operator's alerting: receives webhook messages over HTTP, checks each signature as docs/notices.md says, and may misbehave.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  id: string;
  type: string;
  data: Record<string, unknown>;
  body: string;
  headers: IncomingHttpHeaders;
  isSigned: boolean;
  /** What it was answered; 0 for nothing. */
  status: number;
}

export interface WebhookReceiver extends AsyncDisposable {
  port: number;
  url: string;
  /** Every delivery, repeated ones as well. */
  received: ReceivedWebhook[];
  /** Ids that were taken with a 2xx, in their order. */
  accepted(): string[];
  /** Decides on each delivery: an answer, none ever, or the end of the connection. */
  answer: (
    webhook: ReceivedWebhook,
  ) => { status: number; headers?: Record<string, string>; body?: string } | 'hang' | 'drop';
}

export const webhookSecret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

export async function startWebhookReceiver({ port = 0 }: { port?: number } = {}): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> };
      const { headers } = request;
      const webhook = {
        id: `${headers['webhook-id']}`,
        type,
        data,
        body,
        headers,
        isSigned: isSigned(headers, body),
        status: 0,
      };
      received.push(webhook);
      reply(webhook, response);
    });
  });
  const reply = (webhook: ReceivedWebhook, response: ServerResponse): void => {
    const decided = receiver.answer(webhook);
    if (decided === 'hang') return;
    if (decided === 'drop') {
      response.destroy();
      return;
    }
    webhook.status = decided.status;
    response.writeHead(decided.status, decided.headers).end(decided.body);
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const receiver: WebhookReceiver = {
    port: bound,
    url: `http://127.0.0.1:${bound}/alerts?team=ops`,
    received,
    accepted: () => received.filter(({ status }) => status >= 200 && status < 300).map(({ id }) => id),
    answer: () => ({ status: 204 }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

function isSigned(headers: IncomingHttpHeaders, body: string): boolean {
  const key = Buffer.from(webhookSecret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', key).update(content).digest();
  const isRecent = Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp'])) < 300;
  const [version, signature = ''] = `${headers['webhook-signature']}`.split(',');
  const given = Buffer.from(signature, 'base64');
  return version === 'v1' && isRecent && given.length === expected.length && timingSafeEqual(given, expected);
}
