// Answers a server's `elicitation/create`: a question that can be shown goes to a person, one for a credential never does.
import { ErrorCode, McpError, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from '../logger.ts';
import type { Belonging } from './calls-in-flight.ts';
import { readQuestion } from './elicitation-request.ts';
import type { Elicitations } from './elicitations.ts';

export interface AnswerQuestionOptions {
  server: string;
  elicitations: Pick<Elicitations, 'ask'>;
  logger: Logger;
  /** Takes out what no words of the server may repeat. */
  mask: (text: string) => string;
  belonging: Belonging;
  /** Aborts when the server withdraws the question or the session ends. */
  signal: AbortSignal;
}

/** Throws McpError `InvalidParams` for what is no form that can be shown. */
export async function answerQuestion(params: unknown, options: AnswerQuestionOptions): Promise<ElicitResult> {
  const { server, elicitations, logger, mask, belonging, signal } = options;
  const read = readQuestion(params, mask);
  if (read.kind === 'invalid') {
    logger.warn('A question of a server cannot be shown; nobody is asked.', { server, why: read.problem });
    throw new McpError(ErrorCode.InvalidParams, read.problem);
  }
  if (read.kind === 'credential') {
    logger.warn('A server asks for a credential; the question is declined and shown to nobody.', {
      server,
      callId: belonging.origin?.callId,
      why: read.why,
    });
    return { action: 'decline' };
  }
  const { action, content } = await elicitations.ask(server, read.question, belonging, signal);
  return action === 'accept' ? { action, content } : { action };
}
