// The quick pick of "Run Tool…": tools with recent ones first, and hidden ones with the reason at the end.
import { QuickPickItemKind, ThemeIcon, window, type QuickPickItem } from 'vscode';
import type { HiddenTool } from '../../shared/contract/tool-messages.ts';
import { escapeIcons } from '../results/escape-icons.ts';
import type { ToolTarget } from '../tool-form/tool-caller.ts';
import type { ToolPick } from '../tool-form/tool-picks.ts';

export type PickedTool =
  | { readonly kind: 'tool'; readonly target: ToolTarget }
  | { readonly kind: 'hidden'; readonly server: string; readonly hidden: HiddenTool };

interface PickItem extends QuickPickItem {
  readonly pick?: PickedTool;
}

/** Milliseconds in which the palette that this was opened from gives the focus back to an open page. */
const settlesMs = 1_000;

/** Undefined when the person left; rejects when the tools could not be listed. */
export async function pickTool(loading: Promise<readonly ToolPick[]>): Promise<PickedTool | undefined> {
  const quickPick = window.createQuickPick<PickItem>();
  quickPick.title = 'RockBot: Run Tool';
  quickPick.placeholder = 'Type to find a tool by name, server or description';
  quickPick.matchOnDescription = true;
  quickPick.matchOnDetail = true;
  quickPick.busy = true;
  // Else a page that gets the focus back would close the list before it is seen.
  quickPick.ignoreFocusOut = true;
  const settling = setTimeout(() => (quickPick.ignoreFocusOut = false), settlesMs);
  const picked = new Promise<PickedTool | undefined>((resolve) => {
    quickPick.onDidAccept(() => {
      const pick = quickPick.selectedItems[0]?.pick;
      if (pick !== undefined) resolve(pick);
    });
    quickPick.onDidHide(() => resolve(undefined));
  });
  quickPick.show();
  try {
    const items = await Promise.race([loading, picked.then(() => undefined)]);
    if (items === undefined) {
      loading.catch(() => undefined);
      return undefined;
    }
    quickPick.items = items.map(itemOf);
    if (items.length === 0) quickPick.placeholder = 'There are no tools. Add a server to mcp.json first.';
    quickPick.busy = false;
    return await picked;
  } finally {
    clearTimeout(settling);
    quickPick.dispose();
  }
}

function itemOf(pick: ToolPick): PickItem {
  if (pick.kind === 'separator') return { kind: QuickPickItemKind.Separator, label: pick.label };
  const words = {
    label: escapeIcons(pick.label),
    description: escapeIcons(pick.description),
    ...(pick.detail !== '' && { detail: escapeIcons(pick.detail) }),
  };
  if (pick.kind === 'hidden') {
    const { server, hidden } = pick;
    return { ...words, iconPath: new ThemeIcon('circle-slash'), pick: { kind: 'hidden', server, hidden } };
  }
  const isWrite = pick.target.tool.sideEffects === 'write';
  return {
    ...words,
    description: `${words.description} · ${isWrite ? 'can change things' : 'reads only'}`,
    iconPath: new ThemeIcon(isWrite ? 'edit' : 'eye'),
    pick: { kind: 'tool', target: pick.target },
  };
}
