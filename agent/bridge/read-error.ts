// What a failed read of a resource or a prompt means to its caller, as one of the wire's codes. Reading changes nothing, so
// that every outcome is known.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { callError } from './call-outcome.ts';
import { connectError } from './connect-error.ts';
import { ReplyTooLargeError } from './http-exchange.ts';
import { saidText } from './said-text.ts';
import { answeredError, inCauses } from './sdk-errors.ts';

/** MCP 2025-06-18, server/resources. */
const resourceNotFound = -32_002;
/** Our own, for a reply that was cut off because of its size. */
export const replyTooLarge = -32_064;

/** `what`: in the words of the message, for example `resource "file:///x"`. */
export function readError(error: unknown, { server, what }: { server: string; what: string }): RockBotError {
  if (error instanceof RockBotError) return error;
  const facts = { server, tool: what, sideEffects: 'read' as const };
  const answered = answeredError(error);
  const tooLarge = inCauses(error, (cause) => (cause instanceof ReplyTooLargeError ? cause : undefined));
  if (answered?.code === replyTooLarge || tooLarge !== undefined) return callError(new ReplyTooLargeError(), facts);
  if (answered === undefined) return connectError(error, server);
  const { code } = answered;
  const said = saidText(answered.message, 500);
  if (code === resourceNotFound || (code === -32_602 && /not found|unknown|no such/i.test(said))) {
    return new RockBotError({
      code: 'tool_not_found',
      message: `The server "${server}" has no ${what}: ${said}`,
      action: 'List what it has.',
      cause: error,
    });
  }
  if (code === -32_602) {
    return new RockBotError({
      code: 'invalid_arguments',
      message: `The server "${server}" refuses the request for ${what}: ${said}`,
      action: 'Compare it with what the server lists.',
      cause: error,
    });
  }
  return callError(answered, facts);
}

export function notOffered(server: string, kind: 'resources' | 'prompts'): RockBotError {
  return new RockBotError({
    code: 'tool_not_found',
    message: `The server "${server}" offers no ${kind}.`,
    action: 'List what the servers have.',
  });
}
