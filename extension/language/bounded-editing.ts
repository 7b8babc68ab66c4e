// Whether a file is an agent's own that takes neither commands nor variables over the bus: what it would refuse is not offered, and
// said before it is saved.
import { agentScheme } from '../mcp-file/agent-file-path.ts';
import type { LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';

/** Levels of `McpBridge__EditableOverBus`. */
const boundedLevels: ReadonlySet<string> = new Set(['registered', 'remote']);

/** The tenant's is the one variable that is taken all the same. */
export function isBoundedOverBus({ text }: McpDocument, { agent }: LanguageContext): boolean {
  return text.uri.startsWith(`${agentScheme}:`) && boundedLevels.has(agent?.editing ?? '');
}
