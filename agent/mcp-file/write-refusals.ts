// Why a text does not become the agent's mcp.json, as errors for whoever sent it.
import { maxMcpFileBytes } from '../../shared/contract/manage-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { CheckedEdit } from './check-edit.ts';

/** On the wire. */
const maxProblems = 100;

/** Throws RockBotError `payload_too_large`. */
export function assertSize(bytes: number): void {
  if (bytes <= maxMcpFileBytes) return;
  throw new RockBotError({
    code: 'payload_too_large',
    message: `mcp.json would have ${bytes} bytes; over the bus it may have ${maxMcpFileBytes}.`,
    action: 'Shorten it, or have the operator change it on the agent.',
  });
}

/** The file is of another version than the one that is to be replaced. */
export function conflict(exists: boolean): RockBotError {
  return new RockBotError({
    code: 'invalid_request',
    reason: 'conflict',
    message: exists
      ? "The agent's mcp.json was changed since it was read; nothing was written."
      : "The agent's mcp.json is gone since it was read; nothing was written.",
    action: 'Read it again, and bring both changes together.',
  });
}

/** `problems` are clauses without a full stop, at least one. */
export function refused({
  kind,
  problems,
}: Pick<Extract<CheckedEdit, { ok: false }>, 'kind' | 'problems'>): RockBotError {
  // Each is on the wire once more by itself.
  const [first, ...more] = problems;
  const rest = more.length === 0 ? '' : `, and ${more.length} more`;
  return kind === 'invalid'
    ? new RockBotError({
        code: 'invalid_arguments',
        message: `mcp.json was not written: ${first}${rest}.`,
        problems: problems.slice(0, maxProblems),
        action: 'Correct what "problems" says.',
      })
    : new RockBotError({
        code: 'forbidden',
        message: `mcp.json was not written: ${first}${rest}.`,
        problems: problems.slice(0, maxProblems),
        action: 'Have the operator change it on the agent.',
      });
}
