// The list to pick a tool from, as data: recently used first, then all, then what is hidden with the reason.
import type { HiddenTool, ListedServer } from '../../shared/contract/tool-messages.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { RecentTool } from './recent-tools.ts';
import type { ToolTarget } from './tool-caller.ts';

const maxDetail = 160;

export type ToolPick =
  | { readonly kind: 'separator'; readonly label: string }
  | {
      readonly kind: 'tool';
      readonly label: string;
      readonly description: string;
      readonly detail: string;
      readonly target: ToolTarget;
    }
  | {
      readonly kind: 'hidden';
      readonly label: string;
      readonly description: string;
      readonly detail: string;
      readonly server: string;
      readonly hidden: HiddenTool;
    };

export function toolPicks(servers: readonly ListedServer[], recent: readonly RecentTool[]): readonly ToolPick[] {
  const targets = servers
    .flatMap(({ name, tools }) => tools.map((tool): ToolTarget => ({ server: name, tool })))
    .sort((one, other) => nameOf(one).localeCompare(nameOf(other)) || one.server.localeCompare(other.server));
  const isSame = (one: RecentTool, { server, tool }: ToolTarget): boolean =>
    one.server === server && one.tool === tool.name;
  const used = recent.flatMap((one) => targets.filter((target) => isSame(one, target)));
  const others = targets.filter((target) => !used.includes(target));
  const hidden = servers.flatMap((server) => server.hidden.map((one) => hiddenPick(server.name, one)));
  return [
    ...group('recently used', used.map(pickOf)),
    ...group(used.length > 0 ? 'other tools' : 'tools', others.map(pickOf)),
    ...group('not available now', hidden),
  ];
}

/** The name people read; the tool's own name where it has no title. */
export function nameOf({ tool }: Pick<ToolTarget, 'tool'>): string {
  return cleanLine((tool.title ?? '').slice(0, maxDetail)) || cleanLine(tool.name.slice(0, maxDetail)) || '(no name)';
}

function group(label: string, picks: readonly ToolPick[]): readonly ToolPick[] {
  return picks.length === 0 ? [] : [{ kind: 'separator', label }, ...picks];
}

function pickOf(target: ToolTarget): ToolPick {
  const { server, tool } = target;
  const label = nameOf(target);
  // Elsewhere a tool goes by its own name, so it is found by both.
  const name = cleanLine(tool.name.slice(0, maxDetail));
  return {
    kind: 'tool',
    label,
    description: [...(name === label || name === '' ? [] : [name]), cleanLine(server)].join(' · '),
    detail: firstWords(tool.description ?? ''),
    target,
  };
}

function hiddenPick(server: string, hidden: HiddenTool): ToolPick {
  return {
    kind: 'hidden',
    label: hidden.name === undefined ? `All tools of ${cleanLine(server)}` : cleanLine(hidden.name),
    description: cleanLine(server),
    detail: firstWords(hidden.reason),
    server,
    hidden,
  };
}

function firstWords(text: string): string {
  const line = cleanLine(text.slice(0, 8 * maxDetail));
  return line.length <= maxDetail ? line : `${line.slice(0, maxDetail)}…`;
}
