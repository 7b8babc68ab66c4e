// Writes the state of MCP servers for people; shared by the commands that list them.
import type { ListedServer } from '../../../shared/contract/tool-messages.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { View } from '../render/view.ts';
import { padEnd, wrap } from '../terminal-text.ts';

export function serverHeadline(server: ListedServer, view: View): string {
  const { colors } = view;
  const details = [
    server.type,
    server.version,
    server.profile === undefined ? undefined : `profile ${server.profile}`,
    `${server.tools.length} tools`,
  ]
    .filter((item) => item !== undefined)
    .map(cleanLine)
    .join(', ');
  return `${stateMark(server.state, view)} ${colors.bold(cleanLine(server.name))}  ${stateWord(server.state, view)}  ${colors.dim(details)}`;
}

export function stateMark(state: string, { colors }: View): string {
  if (state === 'ready') return colors.green('●');
  if (state === 'disabled') return colors.dim('○');
  return state === 'connecting' ? colors.yellow('●') : colors.red('●');
}

/** Padded to `width` cells. */
export function stateWord(state: string, { colors }: View, width = 0): string {
  const words: Record<string, string> = {
    ready: 'ready',
    connecting: 'connecting',
    auth_required: 'needs a sign-in',
    unavailable: 'unavailable',
    disabled: 'disabled',
    invalid: 'invalid entry',
  };
  const word = padEnd(words[state] ?? cleanLine(state), width);
  if (state === 'ready') return colors.green(word);
  return state === 'disabled' ? colors.dim(word) : state === 'connecting' ? colors.yellow(word) : colors.red(word);
}

/** What is wrong, and what is hidden and why; equal reasons on one line. */
export function hiddenLines(server: ListedServer, view: View): string[] {
  const { colors } = view;
  const { error, hidden } = server;
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of hidden) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), ...(name === undefined ? [] : [cleanLine(name)])]);
  }
  return [
    ...(error === undefined
      ? []
      : [
          `  ${colors.red(cleanLine(error.message))}`,
          ...(error.action === undefined ? [] : [`  ${colors.dim('→')} ${cleanLine(error.action)}`]),
        ]),
    ...[...byReason].flatMap(([reason, names]) => {
      const what = names.length === 0 ? 'hidden' : `hidden: ${names.join(', ')}`;
      return wrap(`${what} (${cleanLine(reason)})`, view.width - 2).map((line) => colors.dim(`  ${line}`));
    }),
  ];
}

export function problemLines(problems: readonly string[], view: View): string[] {
  if (problems.length === 0) return [];
  return [
    '',
    view.colors.yellow('mcp.json has problems; what they concern keeps its last good state, if it had one:'),
    ...problems.map((problem) => `  ${view.colors.yellow('-')} ${cleanLine(problem)}`),
  ];
}
