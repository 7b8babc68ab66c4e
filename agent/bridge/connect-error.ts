// Why a server could not be connected, or was lost, as one of the wire's codes.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { callError } from './call-outcome.ts';
import { NotSentError } from './call-errors.ts';
import { httpStatus, inCauses, isTimeout, networkCode, sessionLoss } from './sdk-errors.ts';

export function connectError(error: unknown, server: string): RockBotError {
  const facts = { server, tool: 'initialize', sideEffects: 'read' as const };
  const known = inCauses(error, (cause) => (cause instanceof RockBotError ? cause : undefined));
  if (known !== undefined) return known;
  const loss = sessionLoss(error);
  if (loss?.provesNotRun === true) return callError(loss, facts);
  const status = httpStatus(error);
  if (status !== undefined) return callError(status, facts);
  if (error instanceof NotSentError) return callError(error, facts);
  if (isTimeout(error)) {
    return new RockBotError({
      code: 'server_unavailable',
      message: `The server "${server}" does not answer.`,
      action: 'Check its url and whether it runs; the agent keeps trying.',
      cause: error,
    });
  }
  const code = networkCode(error);
  return new RockBotError({
    code: 'server_unavailable',
    message: `The server "${server}" cannot be connected${code === undefined ? '' : ` (${code})`}.`,
    action: 'Check its entry in mcp.json and whether it runs; the agent keeps trying.',
    cause: error,
  });
}
