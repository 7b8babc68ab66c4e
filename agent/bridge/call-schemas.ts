// The schemas of a tool around one call: whether its arguments fit, and whether its result does. The checker is loaded when it is needed.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { ListedTool } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { SchemaProblem } from './schema-checks.ts';

/** Structured content up to this many bytes is checked against its schema. */
const checkedOutputBytes = 256 * 1024;

/** Throws RockBotError `invalid_arguments` with the schema. */
export async function checkArguments(
  args: Readonly<Record<string, unknown>>,
  tool: ListedTool,
  server: string,
): Promise<void> {
  const { schemaProblems } = await import('./schema-checks.ts');
  const problems = schemaProblems(args, tool.inputSchema).map(({ text }) => text);
  if (problems.length === 0) return;
  throw new RockBotError({
    code: 'invalid_arguments',
    message: `The arguments of "${tool.name}" of "${server}" do not fit its schema. ${problems.join(' ')}`,
    action: 'Correct them; inputSchema says what the tool takes. The call was not sent.',
    problems,
    inputSchema: tool.inputSchema,
  });
}

/** Where structured content is not as the tool promises; none for content that is too large to look through. */
export async function checkOutput(
  result: CallToolResult | undefined,
  { outputSchema }: ListedTool,
  bytes: number,
): Promise<SchemaProblem[]> {
  if (outputSchema === undefined || result === undefined || bytes > checkedOutputBytes) return [];
  if (result.structuredContent === undefined)
    return [{ text: 'The tool promises structured content and sent none.', place: '' }];
  const { schemaProblems } = await import('./schema-checks.ts');
  return schemaProblems(result.structuredContent, outputSchema);
}

/** Whoever refuses the arguments: the schema says what the tool takes. */
export function withSchema(error: RockBotError, { inputSchema }: ListedTool): RockBotError {
  return error.code === 'invalid_arguments' && error.inputSchema === undefined ? error.with({ inputSchema }) : error;
}
