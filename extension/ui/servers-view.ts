// The servers view and what can be done from it; how it looks is decided by servers/server-tree.
import { commands, env, ProgressLocation, window, type Disposable } from 'vscode';
import * as z from 'zod';
import { problemOf } from '../connection/problem.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { commandIds, contextKeys, viewIds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import { shortText } from '../results/short-text.ts';
import { childNodes, nodeView, rootNodes, type ServerNode } from '../servers/server-tree.ts';
import { workIqEntry, workIqServerName } from '../servers/work-iq-entry.ts';
import { createNodeTree } from './node-tree.ts';
import { showBriefly, showError, showInfo, withProgress } from './messages.ts';

export interface ServersViewOptions {
  state: () => ConnectionState;
  manage: (
    request:
      | { action: 'register'; name: string; entry: Record<string, unknown> }
      | { action: 'refresh'; name?: string | undefined },
  ) => Promise<unknown>;
  refresh: () => Promise<void>;
  runTool: (target: { server: string; tool: string }) => Promise<void>;
  openEntry: (server: string) => Promise<void>;
  /** What the agent says of it. */
  showDetails: (server: string) => Promise<void>;
}

export interface ServersView extends Disposable {
  changed(): void;
}

export function createServersView(options: ServersViewOptions): ServersView {
  const { state, manage, refresh, runTool, openEntry, showDetails } = options;
  const tree = createNodeTree<ServerNode>({ roots: () => rootNodes(state()), children: childNodes, view: nodeView });
  const view = window.createTreeView(viewIds.servers, { treeDataProvider: tree, showCollapseAll: true });

  const onServer =
    (run: (name: string) => Promise<unknown>) =>
    async (node: unknown): Promise<void> => {
      const parsed = serverNode.safeParse(node);
      if (parsed.success) await run(parsed.data.server.name);
    };

  const registrations = [
    commands.registerCommand(commandIds.runListedTool, async (node: unknown) => {
      const parsed = toolNode.safeParse(node);
      if (parsed.success) await runTool({ server: parsed.data.server, tool: parsed.data.tool.name });
    }),
    commands.registerCommand(
      commandIds.refreshServer,
      onServer((name) => telling(`Asking ${cleanLine(name)} for its tools`, () => manage({ action: 'refresh', name }))),
    ),
    commands.registerCommand(commandIds.openServerEntry, onServer(openEntry)),
    commands.registerCommand(commandIds.showServerDetails, onServer(showDetails)),
    commands.registerCommand(commandIds.copyName, async (node: unknown) => {
      const name = nameOf(node);
      if (name === undefined) return;
      await env.clipboard.writeText(name);
      showBriefly(`Copied ${cleanLine(name)}`, 'check');
    }),
    commands.registerCommand(commandIds.refresh, () => telling('Asking the agent', refresh)),
    commands.registerCommand(commandIds.addWorkIq, () => addWorkIq(options)),
  ];

  return {
    changed: () => {
      const { servers } = state();
      void commands.executeCommand('setContext', contextKeys.serverCount, servers?.length);
      if (servers?.some(({ tools }) => tools.length > 0))
        void commands.executeCommand('setContext', contextKeys.toolsAvailable, true);
      view.description = whereText(state());
      tree.changed();
    },
    dispose: () => {
      view.dispose();
      for (const registration of registrations) registration.dispose();
    },
  };
}

async function addWorkIq({ manage, state }: Pick<ServersViewOptions, 'manage' | 'state'>): Promise<void> {
  const known = state().servers?.find(({ name }) => name === workIqServerName);
  if (known !== undefined) {
    const show = 'Show Servers';
    const words = known.state === 'ready' ? '' : ` Its state is "${cleanLine(known.state).replaceAll('_', ' ')}".`;
    if ((await showInfo(`Work IQ is already there.${words}`, show)) === show)
      await commands.executeCommand(commandIds.focusServers);
    return;
  }
  const isDone = await telling('Adding Work IQ', () =>
    manage({ action: 'register', name: workIqServerName, entry: { ...workIqEntry } }),
  );
  if (isDone) showBriefly("Work IQ was added to the agent's mcp.json", 'check');
}

/** What the welcome text is about, which cannot name it itself. */
function whereText(state: ConnectionState): string {
  const { bus, agentName } = state;
  if (bus.kind === 'offline') return shortText(cleanLine(bus.url));
  return state.agent.kind === 'offline' ? `agent ${cleanLine(agentName)}` : '';
}

/** Shows a quiet progress, and an error as one message. Returns whether it went well. */
async function telling(title: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await withProgress({ location: { viewId: viewIds.servers } }, () =>
      withProgress({ location: ProgressLocation.Window, title }, work),
    );
    return true;
  } catch (error) {
    const { message, action } = problemOf(error);
    const log = 'Show Log';
    void showError([message, action].filter(Boolean).join(' '), log).then((chosen) => {
      if (chosen === log) void commands.executeCommand(commandIds.showLog);
    });
    return false;
  }
}

const serverNode = z.object({ kind: z.literal('server'), server: z.object({ name: z.string() }) });
const toolNode = z.object({ kind: z.literal('tool'), server: z.string(), tool: z.object({ name: z.string() }) });
const hiddenNode = z.object({ kind: z.literal('hidden'), tool: z.object({ name: z.string() }) });

function nameOf(node: unknown): string | undefined {
  const parsed = z.union([toolNode, hiddenNode, serverNode]).safeParse(node);
  if (!parsed.success) return undefined;
  return parsed.data.kind === 'server' ? parsed.data.server.name : parsed.data.tool.name;
}
