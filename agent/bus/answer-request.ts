// One request of the bus from its message to its reply: read, handled, and answered whatever happens. It knows no handler.
import type { Msg, MsgHdrs } from 'nats.ws';
import type { RequestDefinition } from '../../shared/contract/definition.ts';
import { metadataHeaders } from '../../shared/contract/metadata.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { Logger } from '../logger.ts';
import { messageHeaders } from './message-headers.ts';
import { malformedHeaders, parseRequest } from './parse-request.ts';
import { RawReply } from './raw-reply.ts';
import type { ReplyBatch } from './reply-batch.ts';
import { replyMessages } from './reply-messages.ts';

/** Who asked and how the request is to be followed. */
export interface RequestContext {
  /** The caller as it names itself; a claim, not a proof. */
  source: string;
  /** The inbox prefix of the reply subject: where the reply goes, but a claim as well, since nats-server does not check it. */
  inbox: string;
  correlationId: string | undefined;
  traceparent: string | undefined;
  /** As it came; bounded where it is read. */
  tracestate: string | undefined;
  /** Bytes of the request as they came. */
  payload: Uint8Array;
}

export interface ServedRequest {
  definition: RequestDefinition;
  handler: (request: unknown, context: RequestContext) => Promise<object | RawReply>;
}

export interface AnswerOptions {
  /** `rb-source` of the reply. */
  source: string;
  /** Largest payload of one message in bytes. */
  maxPayload: number;
  batch: ReplyBatch;
  logger: Logger;
}

/**
 * nats-server does not check where a request wants its reply: answered on one of these, it would come from the agent as
 * an event that it never published.
 */
const contractSubject = /^(?:auth|tool|resource|prompt|elicitation|mcp|patrol|agent)\.|^\$/;

/** Longest value of a request's header that is looked at, in characters. */
const maxHeaderLength = 128;

/** Never rejects. */
export async function answerRequest(message: Msg, served: ServedRequest, options: AnswerOptions): Promise<void> {
  const { type } = served.definition;
  const headers = headersOf(message);
  // Bounded, because it goes on to the reply's headers, events and the audit log.
  const header = (name: string): string | undefined => headers?.get(name).slice(0, maxHeaderLength) || undefined;
  const context: RequestContext = {
    source: header(metadataHeaders.source) ?? 'unknown',
    inbox: message.reply?.split('.', 1)[0] ?? '',
    correlationId: header(metadataHeaders.correlationId) ?? header(metadataHeaders.id),
    traceparent: header(metadataHeaders.traceparent),
    tracestate: headers?.get(metadataHeaders.tracestate) || undefined,
    payload: message.data,
  };
  const failed = (what: string, error: unknown): void => {
    options.logger.error(what, { type, correlationId: context.correlationId, error });
  };
  let reply: string | Uint8Array;
  try {
    if (headers === null) throw malformedHeaders();
    const version = header(metadataHeaders.version);
    const answer = await served.handler(parseRequest(served.definition, { data: message.data, version }), context);
    reply = answer instanceof RawReply ? answer.json : JSON.stringify({ ok: true, ...answer });
  } catch (error) {
    if (!(error instanceof RockBotError)) failed('A request failed unexpectedly.', error);
    reply = JSON.stringify({ ok: false, error: toWireError(error) });
  }
  const acceptsChunks = header(metadataHeaders.acceptChunks) === '1';
  options.batch.add(reply.length, () => {
    try {
      respond(message, reply, { definition: served.definition, context, acceptsChunks, ...options });
    } catch (error) {
      failed('A reply could not be sent.', error);
    }
  });
}

interface Responding extends AnswerOptions {
  definition: RequestDefinition;
  context: RequestContext;
  acceptsChunks: boolean;
}

function respond(
  message: Msg,
  reply: string | Uint8Array,
  { definition, context, acceptsChunks, source, maxPayload, logger }: Responding,
): void {
  if (message.reply === undefined || message.reply === '') return;
  if (contractSubject.test(message.reply)) {
    logger.warn('A request asked for its reply on a subject of the contract; it gets none.', {
      subject: message.subject,
      reply: message.reply,
    });
    return;
  }
  const bytes = typeof reply === 'string' ? Buffer.from(reply, 'utf8') : reply;
  const facts = {
    type: `${definition.type}.reply`,
    source,
    contentTrust: definition.replyTrust,
    cause: context,
  };
  for (const { payload, chunk } of replyMessages(bytes, { maxPayload, acceptsChunks })) {
    const headers = messageHeaders(facts);
    if (chunk !== undefined) headers.set(metadataHeaders.chunk, chunk);
    message.respond(payload, { headers });
  }
}

/** Null when they are malformed; nats.ws reads them at the first look and throws then. */
function headersOf(message: Msg): MsgHdrs | undefined | null {
  try {
    return message.headers;
  } catch {
    return null;
  }
}
