/** The control operations as a plain HTTP JSON API on loopback; it must not know what an operation does. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { z } from 'zod';
import { EntraError } from './aadsts.ts';
import { OPERATION_NAMES, OPERATIONS, operationPath } from './admin-contract.ts';
import type { EntraControl, OperationName } from './admin-contract.ts';
import { readBody, replyJson, send } from './reply.ts';
import type { Reply } from './reply.ts';

const NAME_BY_PATH = new Map<string, OperationName>([
  ...OPERATION_NAMES.map((name) => [operationPath(name), name] as const),
  ['/introspect', 'introspect'],
]);

export function createAdminApi(control: EntraControl): Server {
  return createServer((request, response) => {
    void answer(control, request).then((reply) => send(response, reply));
  });
}

async function answer(control: EntraControl, request: IncomingMessage): Promise<Reply> {
  const name = NAME_BY_PATH.get((request.url ?? '/').split('?')[0] ?? '');
  if (!name) return replyJson(404, { error: `unknown path; known: ${[...NAME_BY_PATH.keys()].join(', ')}` });
  try {
    const text = await readBody(request);
    const input: unknown = text === '' ? undefined : JSON.parse(text);
    const run = control[name] as (input: unknown) => Promise<unknown>;
    const accepted = OPERATIONS[name].input.safeParse(input);
    if (!accepted.success) return replyJson(400, { error: z.prettifyError(accepted.error) });
    return replyJson(200, await run(input));
  } catch (error) {
    const status = error instanceof EntraError ? error.status : 400;
    return replyJson(status, { error: error instanceof Error ? error.message : 'failed' });
  }
}
