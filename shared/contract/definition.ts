// How a message of the bus is defined: once, with its subject, schemas and content trust.
import * as z from 'zod';
import { wireErrorSchema } from '../errors/wire-error.ts';

/** What the receiver may assume of the payload: our own data, a caller's request, or text from a tool. */
export type ContentTrust = 'system' | 'tool-request' | 'tool-output';

export interface RequestDefinition<Request extends z.ZodType = z.ZodType, Reply extends z.ZodObject = z.ZodObject> {
  /** `rb-type` of the request; the reply's is the same with `.reply`. */
  type: string;
  subject: (agent: string) => string;
  request: Request;
  /** The reply's members beside `ok: true`. */
  reply: Reply;
  trust: ContentTrust;
  replyTrust: ContentTrust;
}

export interface EventDefinition<Payload extends z.ZodType = z.ZodType> {
  type: string;
  subject: (agent: string) => string;
  payload: Payload;
  trust: ContentTrust;
}

export function defineRequest<Request extends z.ZodType, Reply extends z.ZodObject>(
  definition: Omit<RequestDefinition<Request, Reply>, 'trust' | 'replyTrust'> & {
    trust?: ContentTrust;
    replyTrust?: ContentTrust;
  },
): RequestDefinition<Request, Reply> {
  return { trust: 'system', replyTrust: 'system', ...definition };
}

export function defineEvent<Payload extends z.ZodType>(
  definition: Omit<EventDefinition<Payload>, 'trust'> & { trust?: ContentTrust },
): EventDefinition<Payload> {
  return { trust: 'system', ...definition };
}

export const errorReplySchema = z.looseObject({ ok: z.literal(false), error: wireErrorSchema });
