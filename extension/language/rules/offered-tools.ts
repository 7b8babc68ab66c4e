// What is known of the tools that a server offers, for rules about names of tools; live where the agent has listed them.
import type { ListedTool } from '../../../shared/contract/tool-messages.ts';
import type { ServerView } from './file-view.ts';

export interface OfferedTools {
  /** Hidden ones, too. */
  names: readonly string[];
  /** Those that are listed in full. */
  tools: readonly ListedTool[];
}

/** Undefined while it is not known, or not wholly. */
export function offeredTools({ listed }: ServerView): OfferedTools | undefined {
  if (listed === undefined) return undefined;
  const hidden = listed.hidden.flatMap(({ name }) => (name === undefined ? [] : [name]));
  // "(more tools)": the list was cut.
  if (hidden.some((name) => name.startsWith('('))) return undefined;
  const names = [...listed.tools.map(({ name }) => name), ...hidden];
  return names.length === 0 ? undefined : { names, tools: listed.tools };
}
