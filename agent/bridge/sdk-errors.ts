// What the errors of the MCP SDK mean: an answer of the server, a session or a connection that is gone, a status of HTTP. The only
// file that looks at the SDK's error classes.
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { HttpStatusError, JsonRpcError, SessionLostError } from './call-errors.ts';
import { ReplyTooLargeError } from './http-exchange.ts';
import { isSessionLoss, speaksOfSession } from './session-loss.ts';

/** As numbers: an error's code is any that a server sent. */
const requestTimeout: number = ErrorCode.RequestTimeout;
const connectionClosed: number = ErrorCode.ConnectionClosed;

/** The JSON-RPC error that the server answered; undefined for what the SDK says of its own, for a connection that is gone. */
export function answeredError(error: unknown): JsonRpcError | undefined {
  if (!(error instanceof McpError) || isClosed(error) || isTimeout(error)) return undefined;
  // Servers made with the SDK begin their messages like that, and the SDK puts it before them once more.
  const message = error.message.replace(/^(?:MCP error -?\d+: )+/, '');
  return new JsonRpcError({ code: error.code, message, data: error.data }, { cause: error });
}

/** The SDK waited in vain. */
export function isTimeout(error: unknown): boolean {
  if (!(error instanceof McpError) || error.code !== requestTimeout) return false;
  // Servers use the same code for errors of their own.
  return /^MCP error -?\d+: (?:Request timed out|Maximum total timeout exceeded|No session within)/.test(error.message);
}

/** The SDK says that the connection has ended. */
function isClosed(error: McpError): boolean {
  return error.code === connectionClosed && error.message.endsWith(': Connection closed');
}

/** Set when the session, or the connection that it lives on, is gone and a new one may answer. */
export function sessionLoss(error: unknown): SessionLostError | undefined {
  if (error instanceof SessionLostError) return error;
  if (error instanceof McpError) return isClosed(error) ? new SessionLostError(false) : undefined;
  const status = httpStatus(error);
  if (status === undefined || !isSessionLoss(status.status, status.body)) return undefined;
  // What speaks of the session was found out before anything was run.
  return new SessionLostError(/"jsonrpc"/.test(status.body) && speaksOfSession(status.body));
}

/** Set for an answer that is no success of HTTP. */
export function httpStatus(error: unknown): HttpStatusError | undefined {
  if (!(error instanceof StreamableHTTPError) || error.code === undefined || error.code <= 0) return undefined;
  return new HttpStatusError(error.code, bodyIn(error.message));
}

/** Set for an error of the network itself, such as ECONNREFUSED. */
export function networkCode(error: unknown): string | undefined {
  return inCauses(error, (cause) => {
    const { code } = cause as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
  });
}

/** Set for a message that was too large for its stream, which has ended with it. */
export function asTooLarge(error: Error): ReplyTooLargeError | undefined {
  if (error instanceof ReplyTooLargeError) return error;
  const [, bytes] = /^ReadBuffer exceeded maximum size of (\d+) bytes$/.exec(error.message) ?? [];
  return bytes === undefined ? undefined : new ReplyTooLargeError(Number(bytes));
}

/** The first value that is found in an error or in what it was caused by: the SDK and fetch wrap what our own fetch threw. */
export function inCauses<T>(error: unknown, find: (cause: Error) => T | undefined): T | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const found = find(current);
    if (found !== undefined) return found;
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
