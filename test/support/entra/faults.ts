/** Queue of forced misbehaviours per endpoint and what each one answers; it must not know the endpoints' real work. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { aadsts, deviceFlowError } from './aadsts.ts';
import type { EntraError } from './aadsts.ts';
import { AADSTS_CODES } from './aadsts-catalogue.ts';
import type { AadstsCode } from './aadsts-catalogue.ts';
import { reply, replyJson } from './reply.ts';
import type { Reply } from './reply.ts';

const actionShape = z.discriminatedUnion('kind', [
  /** A refusal from the catalogue. `suberror: null` leaves the suberror out. */
  z.strictObject({
    kind: z.literal('aadsts'),
    code: z.custom<AadstsCode>((value) => (AADSTS_CODES as number[]).includes(value as number), {
      error: `code has to be one of ${AADSTS_CODES.join(', ')}`,
    }),
    suberror: z.string().nullable().optional(),
    claims: z.string().optional(),
  }),
  /** 429 with Retry-After in seconds, or as an HTTP date. */
  z.strictObject({
    kind: z.literal('throttled'),
    retryAfterSeconds: z.number().min(0).default(5),
    retryAfterForm: z.enum(['seconds', 'date', 'absent']).default('seconds'),
  }),
  /** 503; `json` is a gateway's document without an `error` field. */
  z.strictObject({
    kind: z.literal('unavailable'),
    body: z.enum(['html', 'json', 'empty']).default('html'),
    retryAfterSeconds: z.number().min(0).optional(),
  }),
  /** 200 with `{}`. */
  z.strictObject({ kind: z.literal('empty-object') }),
  /** 200 with a JSON document cut in the middle. */
  z.strictObject({ kind: z.literal('truncated') }),
  /** Device flow: polling too fast. */
  z.strictObject({ kind: z.literal('slow_down') }),
  /** The connection is dropped without an answer. */
  z.strictObject({ kind: z.literal('reset') }),
  /** No answer ever; the connection stays open. */
  z.strictObject({ kind: z.literal('hang') }),
  /** The right answer after this time. */
  z.strictObject({ kind: z.literal('delay'), ms: z.number().min(0) }),
  /** The work is done (tokens rotate) and then the connection is dropped: the answer is lost. */
  z.strictObject({ kind: z.literal('lost-answer') }),
  /** Any other answer. */
  z.strictObject({
    kind: z.literal('http'),
    status: z.number().int().min(200).max(599),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().default(''),
  }),
]);

export const faultShape = z.strictObject({
  endpoint: z.enum(['token', 'devicecode', 'authorize', 'discovery', 'jwks', 'all']).default('token'),
  /** Only token requests of this grant type; the device flow's is `device_code`. */
  grantType: z.string().optional(),
  /** How many requests it hits; `all` until cleared. */
  times: z.union([z.number().int().min(1), z.literal('all')]).default(1),
  /** Lets this many matching requests pass first. */
  skip: z.number().int().min(0).default(0),
  action: actionShape,
});

export type Fault = z.input<typeof faultShape>;
export type FaultAction = z.output<typeof actionShape>;

export const queuedFaultShape = faultShape.extend({ id: z.string() });

type QueuedFault = z.output<typeof queuedFaultShape>;

export function createFaults() {
  let queue: QueuedFault[] = [];
  return {
    add(fault: z.output<typeof faultShape>): { id: string } {
      const id = randomUUID();
      queue.push({ ...fault, id });
      return { id };
    },
    /** Without an id all of them. */
    clear(id?: string): void {
      queue = id === undefined ? [] : queue.filter((fault) => fault.id !== id);
    },
    list: (): QueuedFault[] => queue.map((fault) => ({ ...fault })),
    /** The action for this request, counted as used; the oldest matching fault wins. */
    take(endpoint: string, grantType?: string): FaultAction | undefined {
      const fault = queue.find(
        (candidate) =>
          (candidate.endpoint === 'all' || candidate.endpoint === endpoint) &&
          (candidate.grantType === undefined || candidate.grantType === grantType),
      );
      if (!fault) return undefined;
      if (fault.skip > 0) {
        fault.skip -= 1;
        return undefined;
      }
      if (fault.times !== 'all') {
        fault.times -= 1;
        if (fault.times === 0) queue.splice(queue.indexOf(fault), 1);
      }
      return fault.action;
    },
  };
}

/** The refusal or finished answer of an action, or `undefined` for one that acts on the connection. */
export function faultOutcome(action: FaultAction): EntraError | Reply | undefined {
  switch (action.kind) {
    case 'aadsts':
      return aadsts(action.code, {}, { suberror: action.suberror, claims: action.claims });
    case 'throttled':
      return throttled(action.retryAfterSeconds, action.retryAfterForm);
    case 'unavailable':
      return unavailable(action.body, action.retryAfterSeconds);
    case 'empty-object':
      return replyJson(200, {});
    case 'truncated':
      return reply(200, '{"token_type":"Bearer","expires_in":36', {
        'Content-Type': 'application/json; charset=utf-8',
      });
    case 'slow_down':
      return deviceFlowError('slow_down');
    case 'http':
      return reply(action.status, action.body, action.headers);
    case 'reset':
    case 'hang':
    case 'delay':
    case 'lost-answer':
      return undefined;
  }
}

function throttled(seconds: number, form: 'seconds' | 'date' | 'absent'): Reply {
  const retryAfter = form === 'date' ? new Date(Date.now() + seconds * 1000).toUTCString() : String(seconds);
  const body = {
    error: 'temporarily_unavailable',
    error_description: 'AADSTS90055: The tenant request rate is too high.',
    error_codes: [90055],
  };
  return replyJson(429, body, form === 'absent' ? {} : { 'Retry-After': retryAfter });
}

function unavailable(body: 'html' | 'json' | 'empty', retryAfterSeconds: number | undefined): Reply {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  if (body === 'empty') return reply(503, '', headers);
  if (body === 'json') return replyJson(503, { message: 'The service is unavailable.' }, headers);
  const page = '<!DOCTYPE html><html><body><h2>Our services aren&#39;t available right now</h2></body></html>';
  return reply(503, page, { 'Content-Type': 'text/html; charset=utf-8', ...headers });
}
