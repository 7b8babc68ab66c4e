// "Run Tool…" above a server in its mcp.json: lets a person choose among its tools and hands the choice on.
import { commands, window } from 'vscode';
import * as z from 'zod';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { commandIds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import { escapeIcons } from '../results/escape-icons.ts';

const serverNode = z.object({ server: z.object({ name: z.string() }) });

/** `node`: as the servers view has it. */
export async function runServerTool(servers: readonly ListedServer[], node: unknown): Promise<void> {
  const name = serverNode.safeParse(node).data?.server.name;
  const tools = servers.find((server) => server.name === name)?.tools ?? [];
  if (name === undefined || tools.length === 0) return;
  const items = tools.map((tool) => ({
    tool,
    label: `$(${tool.sideEffects === 'read' ? 'eye' : 'edit'}) ${escapeIcons(cleanLine(tool.name))}`,
    detail: escapeIcons(cleanLine((tool.description ?? tool.title ?? '').slice(0, 300))),
  }));
  const picked = await window.showQuickPick(items, {
    title: `Run a Tool of ${cleanLine(name)}`,
    placeHolder: 'Which tool?',
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  await commands.executeCommand(commandIds.runListedTool, {
    kind: 'tool',
    server: name,
    tool: { name: picked.tool.name },
  });
}
