// Writes what MCP servers have beside tools for people; shared by the commands that list it.
import type { WireError } from '../../../shared/errors/wire-error.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { View } from '../render/view.ts';
import { columnWidth, cut, padEnd } from '../terminal-text.ts';

export interface ContentItem {
  /** What it is called by; never cut off, so that it can be copied. */
  id: string;
  about: string;
}

export interface ContentServer {
  name: string;
  truncated?: boolean | undefined;
  error?: Pick<WireError, 'message' | 'action'> | { message: string; action?: string | undefined } | undefined;
}

export function contentLines(
  server: ContentServer,
  { kind, items }: { kind: string; items: readonly ContentItem[] },
  view: View,
): string[] {
  const { colors } = view;
  const ids = items.map(({ id }) => cleanLine(id));
  const width = columnWidth(ids, Math.max(20, Math.floor(view.width / 2)));
  const { error, truncated } = server;
  return [
    `${colors.bold(cleanLine(server.name))}  ${colors.dim(`${items.length} ${kind}`)}`,
    ...items.map(({ about }, index) => {
      const id = ids[index] ?? '';
      const room = Math.max(0, view.width - Math.max(width, id.length) - 4);
      return `  ${padEnd(id, width)}  ${colors.dim(cut(cleanLine(about), room))}`.trimEnd();
    }),
    ...(truncated === true ? [colors.yellow('  There are more than the agent lists.')] : []),
    ...(error === undefined
      ? []
      : [
          `  ${colors.red(cleanLine(error.message))}`,
          ...(error.action === undefined ? [] : [`  ${colors.dim('→')} ${cleanLine(error.action)}`]),
        ]),
  ];
}

export function aboutText(
  item: { title?: string | undefined; description?: string | undefined },
  ...more: string[]
): string {
  return [item.title, item.description, ...more].filter((part) => part !== undefined && part !== '').join(' · ');
}
