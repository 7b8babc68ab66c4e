// What a failed read of a resource or a prompt means to its caller, as one of the wire's codes. Reading changes nothing, so
// that every outcome is known.
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { JsonRpcError } from './call-errors.ts';
import { callError } from './call-outcome.ts';
import { connectError } from './connect-error.ts';
import { ReplyTooLargeError } from './http-post.ts';
import { saidText } from './said-text.ts';

/** MCP 2025-06-18, server/resources. */
const resourceNotFound = -32_002;
/** Our own, for a reply that was cut off because of its size. */
export const replyTooLarge = -32_064;

/** `what`: in the words of the message, for example `resource "file:///x"`. */
export function readError(error: unknown, { server, what }: { server: string; what: string }): RockBotError {
  if (error instanceof RockBotError) return error;
  const facts = { server, tool: what, sideEffects: 'read' as const };
  const isTooLarge = error instanceof McpError && Number(error.code) === replyTooLarge;
  if (isTooLarge || hasCause(error, ReplyTooLargeError)) return callError(new ReplyTooLargeError(), facts);
  const isAnswer = error instanceof McpError && !isConnectionCode(error.code);
  if (!isAnswer) return connectError(error, server);
  const said = saidText(error.message.replace(/^MCP error -?\d+: /, ''), 500);
  if (error.code === resourceNotFound || (error.code === -32_602 && /not found|unknown|no such/i.test(said))) {
    return new RockBotError({
      code: 'tool_not_found',
      message: `The server "${server}" has no ${what}: ${said}`,
      action: 'List what it has.',
      cause: error,
    });
  }
  if (error.code === -32_602) {
    return new RockBotError({
      code: 'invalid_arguments',
      message: `The server "${server}" refuses the request for ${what}: ${said}`,
      action: 'Compare it with what the server lists.',
      cause: error,
    });
  }
  return callError(new JsonRpcError({ code: error.code, message: said }), facts);
}

export function notOffered(server: string, kind: 'resources' | 'prompts'): RockBotError {
  return new RockBotError({
    code: 'tool_not_found',
    message: `The server "${server}" offers no ${kind}.`,
    action: 'List what the servers have.',
  });
}

/** The session or its connection is gone; a new one may answer. */
export function isLostSession(error: unknown): boolean {
  if (error instanceof StreamableHTTPError) return error.code === 404;
  return error instanceof McpError && Number(error.code) === Number(ErrorCode.ConnectionClosed);
}

function isConnectionCode(code: number): boolean {
  return code === Number(ErrorCode.ConnectionClosed) || code === Number(ErrorCode.RequestTimeout);
}

function hasCause(error: unknown, kind: new () => Error): boolean {
  let current = error;
  for (let depth = 0; depth < 5; depth++) {
    if (current instanceof kind) return true;
    current = current instanceof Error ? current.cause : undefined;
  }
  return false;
}
