// The admin API of the simulator: JSON over HTTP on a loopback port of its own. A thin shell around the control.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import { incomingMail, notification, toolsChange, type WorkIqControl } from './control.ts';
import { faultSchema } from './faults.ts';
import { settingsPatch, type SettingsPatch } from './settings.ts';

type Handler = (body: unknown, query: URLSearchParams) => Promise<unknown>;

export function createAdminServer(control: WorkIqControl): Server {
  const routes: Record<string, Handler> = {
    'GET /state': () => control.snapshot(),
    'GET /requests': () => control.requests(),
    'GET /authorizations': () => control.rawAuthorizations(),
    'GET /settings': () => control.settings(),
    'PATCH /settings': (body) => control.set(withoutDefaults(body)),
    'GET /faults': () => control.faults(),
    'POST /faults': (body) => control.inject(faultSchema.parse(body)),
    'DELETE /faults': (_body, query) => control.clearFaults(query.get('id') ?? undefined),
    'POST /sessions/lose': async () => ({ lost: await control.loseSessions() }),
    'POST /tools': async (body) => ({ notified: await control.changeTools(toolsChange.parse(body)) }),
    'POST /notify': async (body) => {
      const { method, params } = notification.parse(body);
      return { notified: await control.notify(method, params) };
    },
    'POST /mail': (body) => control.deliver(incomingMail.parse(body)),
    'POST /reset': () => control.reset(),
  };
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const handler = routes[`${request.method} ${url.pathname}`];
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value ?? {}));
    };
    if (!handler) return send(404, { error: `There is no such call. Known: ${Object.keys(routes).join(', ')}` });
    readJson(request)
      .then((body) => handler(body, url.searchParams))
      .then((value) => send(200, value))
      .catch((error: unknown) =>
        send(400, { error: error instanceof z.ZodError ? z.prettifyError(error) : String(error) }),
      );
  });
}

/** A patch must not reset what it leaves out, so schema defaults are dropped again. */
function withoutDefaults(body: unknown): SettingsPatch {
  const given = z.record(z.string(), z.unknown()).parse(body);
  const parsed = settingsPatch.strict().parse(body);
  return Object.fromEntries(Object.entries(parsed).filter(([name]) => name in given));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text ? JSON.parse(text) : {};
}
