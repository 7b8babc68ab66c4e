// Has a server's questions in an open session answered, and says to which call each belongs.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ErrorCode, McpError, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { CallsInFlight, RunningCall } from './calls-in-flight.ts';
import type { McpSessionOptions } from './mcp-session.ts';

/** Remembers in the stream of which call a request of the server came. */
export type CameWith = (message: JSONRPCMessage, call: RunningCall) => void;

/** Every other request of the server is refused: the agent offers no sampling and no roots. */
export function answerQuestions(
  client: Client,
  inFlight: CallsInFlight,
  { onQuestion }: Pick<McpSessionOptions, 'onQuestion'>,
): CameWith {
  const origins = new Map<string | number, RunningCall>();
  // The SDK's own handler turns away every schema it does not know before anybody has looked for a credential in it.
  client.fallbackRequestHandler = async ({ method, params }, { requestId, signal }) => {
    const known = origins.get(requestId);
    origins.delete(requestId);
    if (method !== 'elicitation/create') throw new McpError(ErrorCode.MethodNotFound, 'Method not found');
    return onQuestion(params, { belonging: inFlight.belonging(known), signal });
  };
  return (message, call) => {
    if ('method' in message && 'id' in message && message.method === 'elicitation/create')
      origins.set(message.id, call);
  };
}
