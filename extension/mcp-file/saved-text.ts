// What a person is told after mcp.json was saved to the agent, or was not; pure.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AppliedMcpFile } from '../../shared/contract/manage-messages.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { ReadMcpFile } from './agent-mcp-file.ts';

export interface SavedText {
  text: string;
  isTrouble: boolean;
}

const maxNames = 5;
const maxProblems = 3;

export function savedText(agent: string, { added, changed, removed, problems, late }: AppliedMcpFile): SavedText {
  const parts = [sentence(added, 'added'), sentence(changed, 'changed'), sentence(removed, 'removed')];
  const told = parts.filter((part) => part !== '').join('; ');
  const what = told === '' ? 'no server changed' : told;
  const trouble = problems.length === 0 ? '' : ` Problems: ${some(problems.map(cleanLine), maxProblems, '; ')}.`;
  // What the agent tells of problems is of the file before, then.
  if (late === true)
    return {
      text: `Saved to the agent "${cleanLine(agent)}": ${what}. It is not in force yet: the agent still works on it, and the servers view shows when it is.`,
      isTrouble: true,
    };
  return { text: `Saved to the agent "${cleanLine(agent)}": ${what}.${trouble}`, isTrouble: problems.length > 0 };
}

function sentence(names: readonly string[], what: string): string {
  if (names.length === 0) return '';
  return `${names.length} ${names.length === 1 ? 'server' : 'servers'} ${what}: ${some(names.map(cleanLine), maxNames, ', ')}`;
}

function some(texts: readonly string[], most: number, separator: string): string {
  const more = texts.length - most;
  return `${texts.slice(0, most).join(separator)}${more > 0 ? `${separator}and ${more} more` : ''}`;
}

/** Why it was not saved; the text is still in the editor. */
export function refusedText(error: unknown): string {
  if (!(error instanceof RockBotError)) return 'Something unexpected went wrong. Look at the RockBot log.';
  const { code, problems, message, action } = error;
  if (problems === undefined || problems.length === 0) return cleanLine(`${message} ${action ?? ''}`);
  const whose = code === 'forbidden' ? ` ${action ?? ''}` : '';
  return cleanLine(`The agent did not take it: ${some(problems.map(cleanLine), maxProblems, '; ')}.${whose}`);
}

/** Why the file cannot be edited in this window, or undefined. */
export function readOnlyText(
  agent: string,
  { mayManage, readOnly }: Pick<ReadMcpFile, 'mayManage' | 'readOnly'>,
): string | undefined {
  const why = mayManage ? readOnly : 'the bus lets you look at servers, and not manage them';
  return why === undefined
    ? undefined
    : `The mcp.json of the agent "${cleanLine(agent)}" is read-only here: ${cleanLine(why).replace(/\.$/, '')}.`;
}
