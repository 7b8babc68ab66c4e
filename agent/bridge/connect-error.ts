// Why a server could not be connected, as one of the wire's codes.
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { callError } from './call-outcome.ts';
import { HttpStatusError, SessionLostError } from './call-errors.ts';

export function connectError(error: unknown, server: string): RockBotError {
  const facts = { server, tool: 'initialize', sideEffects: 'read' as const };
  const known = findRockBotError(error);
  if (known !== undefined) return known;
  if (isForgottenSession(error)) return callError(new SessionLostError(true), facts);
  if (error instanceof StreamableHTTPError && error.code !== undefined && error.code > 0) {
    return callError(new HttpStatusError(error.code, bodyIn(error.message)), facts);
  }
  if (error instanceof McpError && error.code === -32001) {
    return new RockBotError({
      code: 'server_unavailable',
      message: `The server "${server}" does not answer.`,
      action: 'Check its url and whether it runs; the agent keeps trying.',
      cause: error,
    });
  }
  const code = networkCodeOf(error);
  return new RockBotError({
    code: 'server_unavailable',
    message: `The server "${server}" cannot be connected${code === undefined ? '' : ` (${code})`}.`,
    action: 'Check its entry in mcp.json and whether it runs; the agent keeps trying.',
    cause: error,
  });
}

/** The server answered that it does not know the session it had just made, as when it restarts meanwhile. */
export function isForgottenSession(error: unknown): boolean {
  if (!(error instanceof StreamableHTTPError) || (error.code !== 404 && error.code !== 400)) return false;
  return /"jsonrpc"/.test(error.message) && /session/i.test(bodyIn(error.message));
}

/** The SDK and fetch wrap what our own fetch threw. */
function findRockBotError(error: unknown): RockBotError | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof RockBotError) return current;
    current = current.cause;
  }
  return undefined;
}

/** Set for an error of the network itself, such as ECONNREFUSED. */
export function networkCodeOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string') return code;
    current = current.cause;
  }
  return undefined;
}

/** The SDK's message ends with the body of the answer. */
function bodyIn(message: string): string {
  return message
    .replace(/^Streamable HTTP error: /, '')
    .replace(/^(?:Error POSTing to endpoint|Failed to open SSE stream)(?: \(HTTP \d+\))?: /, '');
}
