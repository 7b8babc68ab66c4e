// What becomes of a form that comes back after a reload of the window: its tool, or why there is none (yet); pure.
import type { HiddenTool, ListedServer } from '../../shared/contract/tool-messages.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { FormTarget } from './form-messages.ts';
import type { ToolTarget } from './tool-caller.ts';

export type Found =
  | { readonly kind: 'tool'; readonly target: ToolTarget }
  | { readonly kind: 'without'; readonly message: string; readonly isGone: boolean };

const kept = 'What you typed is kept for it.';

/** `servers`: undefined while the agent has not told them. */
export function findTool(servers: readonly ListedServer[] | undefined, { server, tool }: FormTarget): Found {
  if (servers === undefined)
    return { kind: 'without', message: `Waiting for the agent to tell its tools. ${kept}`, isGone: false };
  const listed = servers.find(({ name }) => name === server);
  const found = listed?.tools.find(({ name }) => name === tool);
  if (found !== undefined) return { kind: 'tool', target: { server, tool: found } };
  const hidden = listed?.hidden.find(({ name }) => name === tool || name === undefined);
  const why = hidden === undefined ? goneText({ server, tool }) : hiddenText(server, hidden);
  return { kind: 'without', message: `${why} ${kept}`, isGone: true };
}

export function goneText({ server, tool }: FormTarget): string {
  return `There is no tool "${cleanLine(tool)}" on ${cleanLine(server)} now.`;
}

export function hiddenText(server: string, { name, reason }: HiddenTool): string {
  const words = cleanLine(reason);
  const what = name === undefined ? `The tools of ${cleanLine(server)} are` : `${cleanLine(name)} is`;
  return `${what} not available: ${words}${/[.!?]$/.test(words) ? '' : '.'}`;
}
